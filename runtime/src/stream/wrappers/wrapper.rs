//! The macro that makes a stream of something that has a method to poll.

/// A wrapper: its name, what it wraps, what it gives, how that is polled, and how much will come, if anything is
/// known of that.
macro_rules! wrapper {
    (
        $(#[$attribute:meta])*
        $name:ident $([$type:ident $(: $bound:tt)?])? wraps $inner:ty, gives $item:ty: $poll:expr
        $(, size_hint $hint:expr)?
    ) => {
        pin_project! {
            $(#[$attribute])*
            #[derive(Debug)]
            #[must_use = "a stream does nothing unless it is polled"]
            pub struct $name $(<$type>)? {
                #[pin]
                inner: $inner,
                // The line that made it.
                at: &'static Location<'static>,
            }
        }

        impl $(<$type>)? $name $(<$type>)? {
            /// Makes a stream of it.
            ///
            /// ```
            /// use runtime::stream::wrappers::ReceiverStream;
            ///
            /// let (_sender, receiver) = runtime::sync::mpsc::channel::<u32>(4);
            /// let stream = ReceiverStream::new(receiver);
            /// ```
            #[track_caller]
            pub fn new(inner: $inner) -> Self {
                let at = Location::caller();
                $name { inner, at }
            }

            /// Gives back what is wrapped.
            ///
            /// ```
            /// use runtime::stream::wrappers::ReceiverStream;
            ///
            /// let (_sender, receiver) = runtime::sync::mpsc::channel::<u32>(4);
            /// let receiver = ReceiverStream::new(receiver).into_inner();
            /// assert_eq!(receiver.max_capacity(), 4);
            /// ```
            pub fn into_inner(self) -> $inner {
                self.inner
            }
        }

        impl $(<$type>)? AsRef<$inner> for $name $(<$type>)? {
            fn as_ref(&self) -> &$inner {
                &self.inner
            }
        }

        impl $(<$type>)? AsMut<$inner> for $name $(<$type>)? {
            fn as_mut(&mut self) -> &mut $inner {
                &mut self.inner
            }
        }

        impl $(<$type $(: $bound)?>)? Stream for $name $(<$type>)? {
            type Item = $item;

            fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<$item>> {
                let me = self.project();
                let poll: fn(Pin<&mut $inner>, &mut Context<'_>) -> Poll<Option<$item>> = $poll;
                with_line(me.at, || poll(me.inner, cx))
            }

            $(fn size_hint(&self) -> (usize, Option<usize>) {
                let hint: fn(&$inner) -> (usize, Option<usize>) = $hint;
                hint(&self.inner)
            })?
        }
    };
}
pub(super) use wrapper;
