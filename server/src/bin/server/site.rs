//! All services of the program, put together.

use server::Router;
use server::middleware::from_fn;

use crate::arguments::Arguments;
use crate::background::Background;
use crate::metrics::Metrics;
use crate::{chat, events, home, items, lab, orders, pages, proxy, uploads};

/// What serves, and what runs beside it.
pub(crate) struct Site {
    pub(crate) router: Router,
    pub(crate) background: Background,
}

impl Site {
    /// Opens what the services keep, and starts what runs beside them.
    pub(crate) async fn open(arguments: &Arguments) -> Result<Self, String> {
        let folder = &arguments.data;
        runtime::fs::create_dir_all(folder)
            .await
            .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
        let background = Background::new();
        let metrics = Metrics::default();
        let orders = orders::open(folder, &arguments.orders, &background, &metrics).await?;
        let router = Router::new()
            .merge(home::routes())
            .merge(items::open(folder).await?)
            .merge(chat::routes(&metrics))
            .merge(events::routes(&background, &metrics))
            .merge(orders)
            .merge(lab::routes(&background))
            .merge(metrics.routes())
            .merge(proxy::routes(&arguments.proxy, &background, &metrics))
            .merge(uploads::open(folder, &arguments.uploads, &metrics).await?)
            .route("/assets/style.css", pages::style())
            .layer(from_fn(pages::negotiate));
        Ok(Site { router, background })
    }
}
