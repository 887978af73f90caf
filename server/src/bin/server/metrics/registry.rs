//! The list of what is written when a scraper asks.

use std::cell::RefCell;
use std::rc::Rc;

use server::Router;
use server::response::Response;
use server::routing::get;

use super::text::Text;
use crate::pages::of_kind;

/// All that can be written. A clone is another handle to the same.
#[derive(Clone, Default)]
pub(crate) struct Metrics(Rc<RefCell<Vec<Collector>>>);

type Collector = Rc<dyn Fn(&mut Text)>;

impl Metrics {
    /// Has `collect` write its families at each scrape.
    pub(crate) fn register(&self, collect: impl Fn(&mut Text) + 'static) {
        self.0.borrow_mut().push(Rc::new(collect));
    }

    /// `GET /metrics`.
    pub(crate) fn routes(&self) -> Router {
        let metrics = self.clone();
        Router::new().route("/metrics", get(async move || metrics.page()))
    }

    fn page(&self) -> Response {
        // A collector may register another one.
        let collectors = self.0.borrow().clone();
        let mut text = Text::default();
        for collect in collectors {
            collect(&mut text);
        }
        of_kind(
            "text/plain; version=0.0.4; charset=utf-8",
            text.into_string(),
        )
    }
}
