//! Large futures go to the heap at the door.
//!
//! A spawned future ends up in a box. On its way there it is passed by value, and each function that
//! passes it on may hold a copy of it on the stack: always without optimisation, and sometimes with.
//! For a future of a hundred bytes this is nothing. A future of 256 KiB passed on eight times fills
//! the 2 MiB that a thread usually has, and the process ends without a panic.
//!
//! So each public function that takes a future or a closure to run it boxes a large one first, before
//! it passes the value on. What travels from there is a pointer. The box costs one allocation, which
//! is small beside the copies that it saves. A small future has no box of its own.
//!
//! How it can go wrong: a new public function forgets to do so. The test `task_large` passes a
//! large one to each of them, on a thread with 2 MiB.

/// What is larger than so many bytes is boxed. Without optimisation every move is a copy of its own.
const LARGE: usize = match cfg!(debug_assertions) {
    true => 2 * 1024,
    false => 16 * 1024,
};

/// Whether a value of this type is boxed before it is passed on.
pub(crate) const fn is_large<T>() -> bool {
    size_of::<T>() > LARGE
}

/// `box_if_large!(F: future = Box::pin(future); pass_on(future))` evaluates `pass_on(future)`. If a
/// value of the type `F` is large, `future` is the box of it.
///
/// A macro and not a function, because a function would be passed the future by value.
macro_rules! box_if_large {
    ($type:ty: $value:ident = $boxed:expr; $pass_on:expr) => {
        if const { $crate::base::boxed::is_large::<$type>() } {
            let $value = $boxed;
            $pass_on
        } else {
            $pass_on
        }
    };
}

pub(crate) use box_if_large;
