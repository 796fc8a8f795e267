//! Logs to standard error, and traces where they are configured.

use std::io::IsTerminal;

use claviger_gateway::TRACE_TARGET;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, filter};

use crate::config::{Config, LogFormat};

/// Why logs or traces could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter `{filter}` cannot be read: {error}")]
    Filter {
        /// As configured.
        filter: String,
        /// Why.
        error: filter::ParseError,
    },
    /// The exporter cannot be built.
    #[error("traces cannot be sent: {0}")]
    Exporter(#[from] opentelemetry_otlp::ExporterBuildError),
}

/// Sends what is left of the traces when dropped.
pub(crate) struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(provider) = &self.0 {
            // A collector that is gone must not keep the process from ending.
            let _ = provider.shutdown();
        }
    }
}

pub(crate) fn start(config: &Config) -> Result<Telemetry, TelemetryError> {
    let directives = format!("{},{TRACE_TARGET}=off", config.log.filter);
    let filter = EnvFilter::try_new(directives)
        .map_err(|error| TelemetryError::Filter { filter: config.log.filter.clone(), error })?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    let lines = match config.log.format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines.boxed(),
    };
    let provider = config.telemetry.otlp.as_deref().map(provider).transpose()?;
    // Without a layer of its own, not with an empty one: spans are made where any layer could want them.
    let registry = tracing_subscriber::registry().with(lines.with_filter(filter));
    // A second start in one process, as in tests, keeps the first one's.
    let _ = match &provider {
        Some(provider) => registry.with(traces(provider)).try_init(),
        None => registry.try_init(),
    };
    Ok(Telemetry(provider))
}

fn traces<S>(provider: &SdkTracerProvider) -> impl Layer<S>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let wanted = filter::filter_fn(|metadata| metadata.target() == TRACE_TARGET);
    tracing_opentelemetry::layer().with_tracer(provider.tracer("claviger")).with_filter(wanted)
}

fn provider(endpoint: &str) -> Result<SdkTracerProvider, TelemetryError> {
    let exporter = SpanExporter::builder().with_tonic().with_endpoint(endpoint).build()?;
    Ok(SdkTracerProvider::builder().with_batch_exporter(exporter).build())
}
