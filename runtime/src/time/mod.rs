//! Time: sleeping, deadlines, and the wheel that keeps them.

mod wheel;
