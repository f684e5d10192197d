//! Paths and what answers them.

use axum::{
    Router,
    http::{HeaderValue, Method, header},
    middleware,
    routing::get,
};
use tower_http::cors::{AllowOrigin, CorsLayer};
use utoipa::{
    Modify, OpenApi,
    openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    gate::{self, REQUEST_ID},
    routes::{model, operations, pages, segment},
    served::MODEL,
    wire::Problems,
};

/// Paths of pages, which the OpenAPI document does not list.
const PAGES: [&str; 4] = ["/docs", "/docs/{file}", "/redoc", "/openapi.json"];

/// What the document says beside its paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "RFM Segmentation API",
        description = "The segment of a customer by recency, frequency and monetary value.",
        license(name = "MIT", identifier = "MIT"),
    ),
    components(schemas(Problems)),
    modifiers(&Keys),
    tags(
        (name = "Segments", description = "Which segment customers are in"),
        (name = "Model", description = "The model that answers"),
        (name = "Operations", description = "Health and metrics"),
        (name = "Greetings", description = "Kept from the service that this one replaces"),
    ),
)]
struct Document;

/// The two ways to show a key.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        let key = ApiKey::Header(ApiKeyValue::new("X-API-Key"));
        components.add_security_scheme("key", SecurityScheme::ApiKey(key));
        let bearer = Http::new(HttpAuthScheme::Bearer);
        components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    }
}

fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(segment::segment))
        .routes(routes!(segment::batch))
        .routes(routes!(segment::transactions))
        .routes(routes!(model::segments))
        .routes(routes!(model::show))
        .routes(routes!(model::reload))
        .routes(routes!(operations::health))
        .routes(routes!(operations::ready))
        .routes(routes!(operations::metrics))
        .routes(routes!(pages::root))
        .routes(routes!(pages::version_1))
}

/// The OpenAPI document of the service.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    routes().into_openapi()
}

/// The templates of all paths.
pub(crate) fn templates() -> impl Iterator<Item = String> {
    let documented = openapi().paths.paths.into_keys();
    documented.chain(PAGES.map(str::to_owned))
}

/// All paths of the service, behind the checks that every request passes.
pub fn router(app: App) -> Router {
    let [docs, docs_file, redoc, document] = PAGES;
    let (router, _) = routes().split_for_parts();
    let mut router = router
        .route(docs, get(pages::docs))
        .route(docs_file, get(pages::docs_file))
        .route(redoc, get(pages::redoc))
        .route(document, get(pages::document))
        .fallback(pages::not_found)
        .method_not_allowed_fallback(pages::method_not_allowed)
        .layer(middleware::from_fn_with_state(app.clone(), gate::pass));
    if let Some(cors) = cors(&app.config().cors_origins) {
        router = router.layer(cors);
    }
    router.with_state(app)
}

/// Leave for pages of other origins to call the service, if there are any.
fn cors(origins: &[String]) -> Option<CorsLayer> {
    if origins.is_empty() {
        return None;
    }
    let allowed = if origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        let origins = origins
            .iter()
            .filter_map(|origin| HeaderValue::from_str(origin).ok());
        AllowOrigin::list(origins)
    };
    let key = header::HeaderName::from_static("x-api-key");
    Some(
        CorsLayer::new()
            .allow_origin(allowed)
            .allow_methods([Method::GET, Method::POST])
            .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION, key, REQUEST_ID])
            .expose_headers([MODEL, REQUEST_ID, header::RETRY_AFTER]),
    )
}
