//! A part of the application's state.

/// Makes a value from a reference to the state that holds it: what
/// `State<T>` takes from a router's state.
///
/// Every `Clone` type is a part of itself.
///
/// ```
/// use std::rc::Rc;
/// use server::extract::FromRef;
///
/// #[derive(Clone)]
/// struct App {
///     name: Rc<str>,
/// }
///
/// impl FromRef<App> for Rc<str> {
///     fn from_ref(app: &App) -> Self {
///         app.name.clone()
///     }
/// }
///
/// let app = App { name: "loom".into() };
/// assert_eq!(&*<Rc<str>>::from_ref(&app), "loom");
/// ```
pub trait FromRef<T> {
    /// The part. Its example is [`FromRef`]'s.
    fn from_ref(input: &T) -> Self;
}

impl<T: Clone> FromRef<T> for T {
    fn from_ref(input: &T) -> Self {
        input.clone()
    }
}
