//! Functions as handlers: make the arguments, call, turn the result into a response.

use std::future::{Future, ready};

use super::Handler;
use crate::extract::{FromRequest, FromRequestParts};
use crate::message::{Request, Response};
use crate::observed;
use crate::response::IntoResponse;

/// Marks of what made a type a handler.
mod via {
    /// The handler is a value that is a response.
    #[derive(Debug, Clone, Copy)]
    pub enum Value {}
}

#[diagnostic::do_not_recommend]
impl<F, Fut, R, S> Handler<((),), S> for F
where
    F: FnOnce() -> Fut + Clone + 'static,
    Fut: Future<Output = R> + 'static,
    R: IntoResponse + 'static,
    S: 'static,
{
    async fn call(self, _: Request, _: S) -> Response {
        observed::point(|| "handler");
        self().await.into_response()
    }
}

macro_rules! handler {
    ([$($head:ident),*], $last:ident) => {
        #[diagnostic::do_not_recommend]
        #[allow(non_snake_case, unused_mut, reason = "the arguments are named as their types")]
        impl<F, Fut, S, R, M, $($head,)* $last> Handler<(M, $($head,)* $last,), S> for F
        where
            F: FnOnce($($head,)* $last,) -> Fut + Clone + 'static,
            Fut: Future<Output = R> + 'static,
            S: 'static,
            R: IntoResponse + 'static,
            M: 'static,
            $($head: FromRequestParts<S> + 'static,)*
            $last: FromRequest<S, M> + 'static,
        {
            async fn call(self, request: Request, state: S) -> Response {
                let (mut parts, body) = request.into_parts();
                $(
                    let $head = match $head::from_request_parts(&mut parts, &state).await {
                        Ok(value) => value,
                        Err(rejection) => return rejection.into_response(),
                    };
                )*
                let request = Request::from_parts(parts, body);
                observed::point(|| format!("extractor {}", observed::type_name::<$last>()));
                let $last = match $last::from_request(request, &state).await {
                    Ok(value) => value,
                    Err(rejection) => return rejection.into_response(),
                };
                observed::point(|| "handler");
                self($($head,)* $last,).await.into_response()
            }
        }
    };
}

/// A handler of one argument, of two, and so on.
macro_rules! handlers {
    ([$($head:ident),*] $last:ident) => {
        handler!([$($head),*], $last);
    };
    ([$($head:ident),*] $last:ident $next:ident $($more:ident)*) => {
        handler!([$($head),*], $last);
        handlers!([$($head,)* $last] $next $($more)*);
    };
}

handlers!([] T1 T2 T3 T4 T5 T6 T7 T8 T9 T10 T11 T12 T13 T14 T15 T16);

#[diagnostic::do_not_recommend]
impl<T, S> Handler<via::Value, S> for T
where
    T: IntoResponse + Clone + 'static,
{
    fn call(self, _: Request, _: S) -> impl Future<Output = Response> + 'static {
        ready(self.into_response())
    }
}
