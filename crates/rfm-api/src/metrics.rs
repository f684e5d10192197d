//! What is counted, for Prometheus.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use arc_swap::ArcSwap;
use axum::http::StatusCode;
use hashbrown::HashMap;
use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, text},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::{ConstGauge, Gauge},
        histogram::Histogram,
        info::Info,
    },
    registry::{Registry, Unit},
};
use rfmkit::{features::Feature, modeling::Segment};

use crate::{drift::Tally, served::Served};

/// Upper ends of the bins of the latency, in seconds.
const LATENCY: [f64; 14] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];
/// The route of a request that has none.
const NO_ROUTE: &str = "none";

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct RouteLabel {
    route: String,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct AnswerLabels {
    route: String,
    status: u16,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct SegmentLabel {
    segment: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct FeatureLabel {
    feature: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct ResultLabel {
    result: &'static str,
}

/// How loading a model ended.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Reload {
    Loaded,
    Unchanged,
    Refused,
}

/// All metrics. Values of labels are bounded: routes, not paths.
#[derive(Debug)]
pub(crate) struct Metrics {
    registry: Registry,
    answers: Family<AnswerLabels, Counter>,
    latency: Family<RouteLabel, Histogram, fn() -> Histogram>,
    routes: HashMap<String, Route>,
    predictions: [Counter; 4],
    clipped: [Counter; 3],
    reloads: Family<ResultLabel, Counter>,
    /// Connections that are open now.
    pub(crate) connections: Gauge,
}

/// The metrics of a route that every request needs, found once.
#[derive(Debug)]
struct Route {
    latency: Histogram,
    ok: Counter,
}

impl Metrics {
    /// Metrics in which nothing is counted yet.
    pub(crate) fn new(served: &Arc<ArcSwap<Served>>) -> Self {
        let mut registry = Registry::with_prefix("rfm");
        let answers = Family::<AnswerLabels, Counter>::default();
        registry.register(
            "http_requests",
            "Requests by route and status",
            answers.clone(),
        );
        let latency: Family<RouteLabel, Histogram, fn() -> Histogram> =
            Family::new_with_constructor(|| Histogram::new(LATENCY));
        registry.register_with_unit(
            "http_request_duration",
            "Time from the head of a request to the head of its answer",
            Unit::Seconds,
            latency.clone(),
        );
        let predictions = Family::<SegmentLabel, Counter>::default();
        registry.register("predictions", "Customers by segment", predictions.clone());
        let clipped = Family::<FeatureLabel, Counter>::default();
        registry.register(
            "clipped_inputs",
            "Values outside of the range of the training data",
            clipped.clone(),
        );
        let reloads = Family::<ResultLabel, Counter>::default();
        registry.register("model_reloads", "Attempts to load a model", reloads.clone());
        let connections = Gauge::default();
        registry.register("connections", "Open connections", connections.clone());
        registry.register_collector(Box::new(ModelCollector(Arc::clone(served))));
        Self {
            registry,
            routes: HashMap::new(),
            predictions: Segment::ALL.map(|segment| {
                let label = SegmentLabel {
                    segment: segment.name(),
                };
                predictions.get_or_create_owned(&label)
            }),
            clipped: Feature::ALL.map(|feature| {
                let label = FeatureLabel {
                    feature: feature.name(),
                };
                clipped.get_or_create_owned(&label)
            }),
            answers,
            latency,
            reloads,
            connections,
        }
    }

    /// Prepares the metrics of the routes with the given templates.
    pub(crate) fn add_routes(&mut self, templates: impl Iterator<Item = String>) {
        for route in templates.chain([NO_ROUTE.to_owned()]) {
            let label = RouteLabel {
                route: route.clone(),
            };
            let ok = AnswerLabels {
                route: route.clone(),
                status: 200,
            };
            let metrics = Route {
                latency: self.latency.get_or_create_owned(&label),
                ok: self.answers.get_or_create_owned(&ok),
            };
            self.routes.insert(route, metrics);
        }
    }

    /// Counts an answer; `template` is that of its route, if it has one.
    pub(crate) fn answered(&self, template: Option<&str>, status: StatusCode, time: Duration) {
        let known = template.and_then(|template| self.routes.get_key_value(template));
        let Some((name, route)) = known.or_else(|| self.routes.get_key_value(NO_ROUTE)) else {
            return;
        };
        route.latency.observe(time.as_secs_f64());
        if status == StatusCode::OK {
            route.ok.inc();
        } else {
            let labels = AnswerLabels {
                route: name.clone(),
                status: status.as_u16(),
            };
            self.answers.get_or_create(&labels).inc();
        }
    }

    /// Counts customers that were scored.
    pub(crate) fn predicted(&self, tally: &Tally) {
        let counts = tally.segments.iter().chain(&tally.clipped);
        let counters = self.predictions.iter().chain(&self.clipped);
        for (counter, &count) in counters.zip(counts) {
            if count > 0 {
                counter.inc_by(count);
            }
        }
    }

    pub(crate) fn reloaded(&self, reload: Reload) {
        let result = match reload {
            Reload::Loaded => "loaded",
            Reload::Unchanged => "unchanged",
            Reload::Refused => "refused",
        };
        self.reloads.get_or_create(&ResultLabel { result }).inc();
    }

    /// All metrics in the OpenMetrics text format.
    pub(crate) fn encode(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// What is known of the model that answers now.
#[derive(Debug)]
struct ModelCollector(Arc<ArcSwap<Served>>);

impl Collector for ModelCollector {
    #[expect(clippy::disallowed_methods, reason = "the window of drift ends now")]
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let served = self.0.load();
        let now = Instant::now();
        let info = Info::new(vec![
            ("checksum", served.model.checksum().to_owned()),
            ("version", served.model.version().to_owned()),
            ("is_reference", served.is_reference.to_string()),
        ]);
        let descriptor = encoder.encode_descriptor(
            "model",
            "The model that answers",
            None,
            info.metric_type(),
        )?;
        info.encode(descriptor)?;
        let customers = ConstGauge::new(served.window.customers(now) as f64);
        let descriptor = encoder.encode_descriptor(
            "window_customers",
            "Customers scored in the last hour",
            None,
            customers.metric_type(),
        )?;
        customers.encode(descriptor)?;
        let mut index = encoder.encode_descriptor(
            "feature_stability_index",
            "Population stability index of the last hour against the training data",
            None,
            ConstGauge::new(0.0).metric_type(),
        )?;
        for feature in Feature::ALL {
            if let Some(value) = served.window.stability_index(now, &served.model, feature) {
                let label = FeatureLabel {
                    feature: feature.name(),
                };
                ConstGauge::new(value).encode(index.encode_family(&label)?)?;
            }
        }
        Ok(())
    }
}
