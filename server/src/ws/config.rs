//! How much, and for how long.

use std::time::Duration;

/// The limits and timeouts of a WebSocket. Those of a server are
/// [`Config::websocket`](crate::Config::websocket), unless a handler sets others with
/// [`WebSocketUpgrade::config`](super::WebSocketUpgrade::config).
///
/// ```
/// use server::ws::WebSocketConfig;
///
/// let mut config = WebSocketConfig::default();
/// config.max_message_size = 64 * 1024;
/// assert_eq!(config.max_write_buffer_size, 64 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct WebSocketConfig {
    /// Bytes that one read takes at most, unless more of a frame is expected. Default 4 KiB.
    /// The buffer belongs to the thread: a WebSocket that waits has none.
    pub read_buffer_size: usize,
    /// Bytes that are collected before they are written without a flush. Default 4 KiB.
    pub write_buffer_size: usize,
    /// Bytes that may wait for a peer that does not read; then the sender waits too. Default
    /// 64 KiB. One message may be longer than that, if nothing else waits.
    pub max_write_buffer_size: usize,
    /// Bytes of a message, decompressed. Default 64 MiB; a longer one ends the connection with
    /// the code 1009.
    pub max_message_size: usize,
    /// Bytes of a frame, compressed. Default 16 MiB; a longer one ends the connection with the
    /// code 1009.
    pub max_frame_size: usize,
    /// Whether a server takes frames without a mask. Default false, as the standard demands.
    pub accept_unmasked_frames: bool,
    /// Whether messages are compressed if the peer agrees. Default false: it costs time, and
    /// who mixes secrets with text that others choose must not compress them together.
    pub compression: bool,
    /// Time without a single byte leaving, while something waits to be sent. Default 30 s;
    /// then the connection is dropped. It is also the grace period of
    /// [`min_write_rate`](Self::min_write_rate).
    pub write_timeout: Duration,
    /// Bytes a second that a peer must take of what waits for it. Default 240; 0 is no
    /// minimum. A slower peer uses up its [`write_timeout`](Self::write_timeout).
    pub min_write_rate: u32,
    /// Time for the peer to answer a close frame and to end the connection. Default 5 s; then
    /// the connection is dropped.
    pub close_timeout: Duration,
}

impl Default for WebSocketConfig {
    fn default() -> Self {
        WebSocketConfig {
            read_buffer_size: 4 * 1024,
            write_buffer_size: 4 * 1024,
            max_write_buffer_size: 64 * 1024,
            max_message_size: 64 * 1024 * 1024,
            max_frame_size: 16 * 1024 * 1024,
            accept_unmasked_frames: false,
            compression: false,
            write_timeout: Duration::from_secs(30),
            min_write_rate: 240,
            close_timeout: Duration::from_secs(5),
        }
    }
}
