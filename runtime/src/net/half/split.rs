//! How a stream is split: the names of its halves, the methods that make them, and what a half asks
//! its stream for. Each kind of stream has its own names, as in Tokio.

/// A stream and its kind of address. The examples have `near` and `far`, connected.
macro_rules! splits {
    ($Stream:ident, $Addr:ty; $(#[$near_and_far:meta])*) => {
        #[doc = concat!("The reading direction of a [`", stringify!($Stream), "`]; made by")]
        #[doc = concat!("[`", stringify!($Stream), "::split`].")]
        pub type ReadHalf<'a> = $crate::net::half::Reader<&'a $Stream>;

        #[doc = concat!("The writing direction of a [`", stringify!($Stream), "`]; made by")]
        #[doc = concat!("[`", stringify!($Stream), "::split`]. Dropping it does nothing.")]
        pub type WriteHalf<'a> = $crate::net::half::Writer<&'a $Stream>;

        #[doc = concat!("The reading direction of a [`", stringify!($Stream), "`]; made by")]
        #[doc = concat!("[`", stringify!($Stream), "::into_split`].")]
        pub type OwnedReadHalf = $crate::net::half::Reader<std::rc::Rc<$Stream>>;

        #[doc = concat!("The writing direction of a [`", stringify!($Stream), "`]; made by")]
        #[doc = concat!("[`", stringify!($Stream), "::into_split`].")]
        ///
        /// Dropping it ends that direction: the peer reads the end of the stream. To drop it
        /// without, [`forget`](crate::net::half::Writer::forget) it.
        pub type OwnedWriteHalf =
            $crate::net::half::Writer<$crate::net::half::owned::Ending<$Stream>>;

        /// Two halves were not of one stream; it gives them back.
        pub type ReuniteError = $crate::net::half::owned::ReuniteError<$Stream>;

        impl $Stream {
            /// The two directions, borrowed: one may be read while the other is written.
            ///
            ///  ```
            /// # #[runtime::main] async fn main() -> std::io::Result<()> {
            /// # use runtime::io::{AsyncReadExt, AsyncWriteExt};
            $(#[$near_and_far])*
            /// far.write_all(b"x").await?;
            /// let (mut read, mut write) = near.split();
            /// let mut buffer = [0; 1];
            /// let (wrote, got) = runtime::join!(write.write_all(b"y"), read.read(&mut buffer));
            /// assert_eq!((wrote.is_ok(), got?), (true, 1));
            /// # Ok(()) }
            /// ```
            pub fn split(&mut self) -> (ReadHalf<'_>, WriteHalf<'_>) {
                let stream = &*self;
                ($crate::net::half::Reader(stream), $crate::net::half::Writer(stream))
            }

            /// The two directions, each of which may go to another task.
            ///
            /// Dropping the write half ends that direction: the peer reads the end of the stream.
            ///
            ///  ```
            /// # #[runtime::main] async fn main() -> std::io::Result<()> {
            /// # use runtime::io::AsyncReadExt;
            $(#[$near_and_far])*
            /// let (_read, write) = near.into_split();
            /// drop(write);
            /// assert_eq!(far.read(&mut [0; 1]).await?, 0);
            /// # Ok(()) }
            /// ```
            pub fn into_split(self) -> (OwnedReadHalf, OwnedWriteHalf) {
                $crate::net::half::owned::into_split(self)
            }
        }

        #[allow(private_interfaces, reason = "sealed; see the trait")]
        impl $crate::net::half::Stream for $Stream {
            type Addr = $Addr;
            type Io = $crate::net::system::$Stream;

            fn registration(&self) -> &$crate::machine::reactor::Registration<$crate::net::system::$Stream> {
                &self.registration
            }

            fn near_addr(&self) -> std::io::Result<$Addr> {
                self.local_addr()
            }

            fn far_addr(&self) -> std::io::Result<$Addr> {
                self.peer_addr()
            }

            fn end_writing(&self) -> std::io::Result<()> {
                let shutdown = self.registration.io().shutdown(std::net::Shutdown::Write);
                $crate::net::bytes::end_of_writing(shutdown)
            }
        }
    };
}
pub(in crate::net) use splits;
