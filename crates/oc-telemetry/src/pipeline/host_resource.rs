use std::sync::{Arc, Mutex};

use opentelemetry_sdk::Resource;

use crate::sync::lock;

/// The resource of the provider that a processor is added to.
///
/// What a host's provider records belongs to the host's resource (trace SDK specification,
/// "Tracer Provider"), as metrics have it by themselves. A processor tells it to the worker here.
/// Where the providers are our own, a host's that borrows the processor has no say.
#[derive(Debug, Clone)]
pub(crate) struct HostResource {
    newest: Option<Arc<Mutex<Option<Resource>>>>,
}

impl HostResource {
    pub(crate) fn new(host_owns_sdk: bool) -> Self {
        Self {
            newest: host_owns_sdk.then(Arc::default),
        }
    }

    pub(crate) fn set(&self, resource: &Resource) {
        if let Some(newest) = &self.newest {
            *lock(newest) = Some(resource.clone());
        }
    }

    /// The host's resource, if it has come up since the last time.
    pub(crate) fn take(&self) -> Option<Resource> {
        let newest = self.newest.as_ref()?;
        lock(newest).take()
    }
}
