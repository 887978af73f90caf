//! From bytes to messages and back, without a socket.
//!
//! Nothing in this room reads, writes or waits. It is given bytes, as many as have come, and says
//! what they mean; or it is given a message, and appends its bytes to a buffer. So each part can be
//! tested with every cut of every input.
//!
//! In reading order:
//!
//! | file | what it is about |
//! |---|---|
//! | `refusal` | saying no |
//! | `grammar`, `methods` | which byte may stand where; which methods are served |
//! | `decode/` | from bytes to a request or a response, and all that can be wrong with one |
//! | `chunked`, `extension`, `trailers`, `body_decoder` | where a body ends, and what may stand behind it |
//! | `encode`, `hop`, `date` | from a response to bytes |
//! | `encode_request` | from a request to bytes |
//! | `body_encoder` | how the pieces of a body are laid out on the wire |
//! | `buffer_pool` | the memory of earlier messages, for the next one |

pub(crate) mod body_decoder;
pub(crate) mod body_encoder;
pub(crate) mod buffer_pool;
mod chunked;
pub(crate) mod date;
pub(crate) mod decode;
pub(crate) mod encode;
pub(crate) mod encode_request;
mod extension;
mod grammar;
pub(crate) mod hop;
pub(crate) mod methods;
pub(crate) mod refusal;
mod rules;
mod trailers;
