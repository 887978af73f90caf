//! The tree of tokens: how a word at the root reaches the leaves.
//!
//! All clones of a token share one node. A node knows its parent and its children, and these are
//! counted references in both directions, which alone would keep each other alive for ever. What
//! keeps a node in the tree are its **handles**, the clones of its token. When the last is
//! dropped the node leaves: no token can cancel it any more, and no task listens there. Its
//! children still must hear of what happens above, so they are given to its parent:
//!
//! ```text
//!        root                  root
//!         │                   ╱    ╲
//!       middle      ──►    leaf    leaf      (the last handle of `middle` is dropped)
//!       ╱    ╲
//!    leaf    leaf
//! ```
//!
//! So a program that makes a child of a child of a child, and drops the ones before, does not
//! grow a chain. A node that is cancelled leaves the tree too: it has nothing more to hear.
//!
//! How it can go wrong:
//!
//! - *The tree is deep.* A walk that calls itself for every child would end the stack. This one
//!   keeps a list of what is still to be visited.
//! - *A waker comes back*, and looks at another token of the tree, or makes a child, or cancels.
//!   So the whole tree below is cancelled first, and only then the first waker is called.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::task::Waker;

use crate::base::foreign::for_each_quietly;
use crate::base::room::{Slots, kept};
use crate::sync::wake_all::WakeAll;

/// What all clones of a token share.
pub(super) struct Node {
    cancelled: Cell<bool>,
    /// How many clones of the token there are.
    handles: Cell<usize>,
    links: RefCell<Links>,
    /// The tasks that wait for the cancellation of this node.
    pub(super) waiters: WakeAll,
}

#[derive(Default)]
struct Links {
    parent: Option<Parent>,
    children: Slots<Rc<Node>>,
}

struct Parent {
    node: Rc<Node>,
    /// The place among the parent's children.
    index: usize,
}

impl Node {
    /// A root, with one handle.
    pub(super) fn new() -> Rc<Node> {
        Rc::new(Node {
            cancelled: Cell::new(false),
            handles: Cell::new(1),
            links: RefCell::default(),
            waiters: WakeAll::default(),
        })
    }

    /// A child, with one handle.
    pub(super) fn child(self: &Rc<Node>) -> Rc<Node> {
        let child = Node::new();
        match self.is_cancelled() {
            true => child.cancelled.set(true),
            false => self.adopt(&child),
        }
        child
    }

    #[inline]
    pub(super) fn is_cancelled(&self) -> bool {
        self.cancelled.get()
    }

    /// There is one handle more.
    pub(super) fn hold(&self) {
        self.handles.set(self.handles.get() + 1);
    }

    /// There is one handle less. With the last the node leaves the tree.
    pub(super) fn let_go(&self) {
        self.handles.set(self.handles.get() - 1);
        if self.handles.get() > 0 {
            return;
        }
        let parent = self.leave();
        for child in self.orphan_children() {
            if let Some(parent) = &parent {
                parent.adopt(&child);
            }
        }
    }

    /// Cancels this and all below; then wakes all who waited for that, from the top down.
    pub(super) fn cancel(self: &Rc<Node>) {
        if self.is_cancelled() {
            return;
        }
        self.leave();
        let mut wakers = Vec::new();
        let mut to_visit = vec![Rc::clone(self)];
        while let Some(node) = to_visit.pop() {
            node.cancelled.set(true);
            wakers.extend(node.waiters.take_all());
            to_visit.extend(node.orphan_children());
        }
        for_each_quietly(wakers, Waker::wake);
    }

    fn adopt(self: &Rc<Node>, child: &Rc<Node>) {
        let index = self.links.borrow_mut().children.insert(Rc::clone(child));
        let node = Rc::clone(self);
        child.links.borrow_mut().parent = Some(Parent { node, index });
    }

    /// Leaves the parent, if there is one; returns it.
    fn leave(&self) -> Option<Rc<Node>> {
        let parent = self.links.borrow_mut().parent.take()?;
        let mut links = parent.node.links.borrow_mut();
        let own = links.children.remove(parent.index);
        links.children.give_back(kept::<Rc<Node>>());
        drop(links);
        // There are others: the one that is leaving holds this node.
        drop(own);
        Some(parent.node)
    }

    /// Takes the children out; they have no parent any more.
    fn orphan_children(&self) -> impl Iterator<Item = Rc<Node>> + use<> {
        let children = std::mem::take(&mut self.links.borrow_mut().children);
        children.into_inner().into_iter().map(|(_, child)| {
            child.links.borrow_mut().parent = None;
            child
        })
    }
}
