//! A handler that may still miss its state.

use std::any::Any;
use std::convert::Infallible;
use std::fmt;
use std::rc::Rc;

use super::route::{Answered, Route};
use crate::handler::Handler;

/// A route, or a handler that becomes one as soon as it gets its state.
pub(super) enum Stated<S, E = Infallible> {
    Route(Route<E>),
    Handler(Rc<dyn Fn(S) -> Route<E>>),
}

impl<S> Stated<S>
where
    S: Clone + 'static,
{
    /// `handler`, which misses its state; unless that is `()`, which everything has.
    pub(super) fn handler<H, T>(handler: H) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
    {
        let make = move |state: S| {
            let handler = handler.clone();
            Route::from_fn(move |request| {
                Answered::new(handler.clone().call(request, state.clone()))
            })
        };
        match (&() as &dyn Any).downcast_ref::<S>() {
            Some(unit) => Stated::Route(make(unit.clone())),
            None => Stated::Handler(Rc::new(make)),
        }
    }
}

impl<S: 'static, E: 'static> Stated<S, E> {
    /// The same, with `change` done to the route as soon as there is one.
    pub(super) fn map<E2: 'static>(
        self,
        change: impl Fn(Route<E>) -> Route<E2> + 'static,
    ) -> Stated<S, E2> {
        match self {
            Stated::Route(route) => Stated::Route(change(route)),
            Stated::Handler(make) => Stated::Handler(Rc::new(move |state| change(make(state)))),
        }
    }

    /// The same with its state: it misses none any more.
    pub(super) fn with_state<S2>(self, state: S) -> Stated<S2, E> {
        Stated::Route(match self {
            Stated::Route(route) => route,
            Stated::Handler(make) => make(state),
        })
    }

    /// The route, if no state is missing.
    pub(super) fn route(&self) -> Option<&Route<E>> {
        match self {
            Stated::Route(route) => Some(route),
            Stated::Handler(_) => None,
        }
    }
}

impl<S, E> Clone for Stated<S, E> {
    fn clone(&self) -> Self {
        match self {
            Stated::Route(route) => Stated::Route(route.clone()),
            Stated::Handler(make) => Stated::Handler(make.clone()),
        }
    }
}

impl<S, E> fmt::Debug for Stated<S, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Stated::Route(_) => "Route",
            Stated::Handler(_) => "Handler",
        })
    }
}

/// What answers when nothing else does.
#[derive(Debug)]
pub(super) enum Fallback<S, E = Infallible> {
    /// None was set.
    Default(Route<E>),
    Custom(Stated<S, E>),
}

impl<S: 'static, E: 'static> Fallback<S, E> {
    /// The one of the two that was set; none if both were.
    pub(super) fn merge(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Fallback::Default(_), other) => Some(other),
            (this, Fallback::Default(_)) => Some(this),
            (Fallback::Custom(_), Fallback::Custom(_)) => None,
        }
    }

    pub(super) fn map<E2: 'static>(
        self,
        change: impl Fn(Route<E>) -> Route<E2> + 'static,
    ) -> Fallback<S, E2> {
        match self {
            Fallback::Default(route) => Fallback::Default(change(route)),
            Fallback::Custom(stated) => Fallback::Custom(stated.map(change)),
        }
    }

    pub(super) fn with_state<S2>(self, state: S) -> Fallback<S2, E> {
        match self {
            Fallback::Default(route) => Fallback::Default(route),
            Fallback::Custom(stated) => Fallback::Custom(stated.with_state(state)),
        }
    }

    /// The route, if no state is missing.
    pub(super) fn route(&self) -> Option<&Route<E>> {
        match self {
            Fallback::Default(route) => Some(route),
            Fallback::Custom(stated) => stated.route(),
        }
    }
}

impl<S, E> Clone for Fallback<S, E> {
    fn clone(&self) -> Self {
        match self {
            Fallback::Default(route) => Fallback::Default(route.clone()),
            Fallback::Custom(stated) => Fallback::Custom(stated.clone()),
        }
    }
}
