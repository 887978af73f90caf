//! All services of the program, put together.

use server::Router;
use server::middleware::{AccessLogLayer, ServerTimingLayer, from_fn, from_fn_with_state};
use server::routing::Route;
use tower_layer::Layer;

use crate::arguments::{Arguments, LogForm};
use crate::background::Background;
use crate::home::Pulse;
use crate::metrics::{Metrics, Requests};
use crate::traffic::Traffic;
use crate::{chat, events, home, items, lab, orders, pages, proxy, source, uploads};

/// What serves, and what runs beside it.
pub(crate) struct Site {
    pub(crate) service: Route,
    pub(crate) background: Background,
    pub(crate) pulse: Pulse,
    /// Counts what passes the listener.
    pub(crate) traffic: Traffic,
}

impl Site {
    /// Opens what the services keep, and starts what runs beside them.
    pub(crate) async fn open(arguments: &Arguments, metrics: &Metrics) -> Result<Self, String> {
        let folder = &arguments.data;
        runtime::fs::create_dir_all(folder)
            .await
            .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
        let background = Background::new();
        let requests = Requests::new(metrics);
        let traffic = Traffic::new(metrics);
        let pulse = Pulse::new(requests.clone(), traffic.clone());
        let orders = orders::open(folder, &arguments.orders, &background, metrics).await?;
        let router = Router::new()
            .merge(home::routes())
            .merge(pulse.routes())
            .merge(items::open(folder).await?)
            .merge(chat::routes(metrics))
            .merge(events::routes(&background, metrics))
            .merge(orders)
            .merge(lab::routes(&background))
            .merge(metrics.routes())
            .merge(proxy::routes(&arguments.proxy, &background, metrics))
            .merge(uploads::open(folder, &arguments.uploads, metrics).await?)
            .merge(source::routes())
            .route("/assets/style.css", pages::style());
        let router = home::with_list(router)
            .layer(from_fn(pages::refuse_other_sites))
            .layer(from_fn(pages::negotiate))
            .layer(from_fn_with_state(requests, Requests::track));
        // Around the router, not in it: the router writes `Allow` outside of its layers.
        let service = from_fn(pages::answer_options).layer(router);
        let service = match arguments.timing {
            true => ServerTimingLayer::new().layer(service),
            false => service,
        };
        let service = match arguments.log {
            Some(LogForm::Text) => AccessLogLayer::text().with_ids().layer(service),
            Some(LogForm::Json) => AccessLogLayer::json().with_ids().layer(service),
            None => service,
        };
        Ok(Site {
            service,
            background,
            pulse,
            traffic,
        })
    }
}
