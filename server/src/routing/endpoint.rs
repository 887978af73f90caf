//! What answers one method of a path, where it was named, and what `Allow` says.

use std::panic::Location;

use http::HeaderValue;

use super::route::Route;
use super::stated::Stated;

/// What answers one method, and where it was said.
pub(super) struct Endpoint<S, E> {
    pub(super) stated: Stated<S, E>,
    pub(super) origin: Origin,
}

/// Where a route comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Origin {
    /// The type of the handler or service, as the compiler names it.
    pub(super) name: &'static str,
    /// The line that named it.
    pub(super) location: &'static Location<'static>,
}

impl Origin {
    #[track_caller]
    pub(super) fn of<T>() -> Self {
        Origin {
            name: std::any::type_name::<T>(),
            location: Location::caller(),
        }
    }
}

/// What `Allow` says when no handler fits the method.
#[derive(Debug, Clone)]
pub(super) enum Allow {
    /// These, in the order in which they were registered.
    Methods(Vec<&'static str>),
    /// Nothing: every method is answered.
    Skip,
}

impl Allow {
    pub(super) fn add(&mut self, method: &'static str) {
        if let Allow::Methods(methods) = self
            && !methods.contains(&method)
        {
            methods.push(method);
        }
    }

    pub(super) fn merge(mut self, other: Self) -> Self {
        let Allow::Methods(methods) = other else {
            return Allow::Skip;
        };
        methods.into_iter().for_each(|method| self.add(method));
        self
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        match self {
            Allow::Skip => None,
            Allow::Methods(methods) => HeaderValue::from_str(&methods.join(",")).ok(),
        }
    }
}

impl<S: 'static, E: 'static> Endpoint<S, E> {
    pub(super) fn map<E2: 'static>(
        self,
        change: impl Fn(Route<E>) -> Route<E2> + 'static,
    ) -> Endpoint<S, E2> {
        Endpoint {
            stated: self.stated.map(change),
            origin: self.origin,
        }
    }
}

impl<S, E> Clone for Endpoint<S, E> {
    fn clone(&self) -> Self {
        Endpoint {
            stated: self.stated.clone(),
            origin: self.origin,
        }
    }
}
