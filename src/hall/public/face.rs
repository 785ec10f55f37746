//! The hall's public name as the rest of the hall sees it: the address for slips and links, there only while a
//! certificate for it can be used. A certificate that cannot be used is an alarm, never the end of the hall.
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::alarm::{self, Alarm, Kind};
use crate::config::PublicListener;
use crate::server::{Core, stopped};
use crate::tls::PublicCertificate;

/// Looking at two files is cheap.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const HTTPS: u16 = 443;

/// Name, port and certificate of the public pages.
pub(crate) struct Face {
    pub(crate) certificate: Arc<PublicCertificate>,
    url: String,
}

impl Face {
    pub(crate) fn new(settings: &PublicListener, listens_at: SocketAddr) -> Self {
        let port = if settings.port == 0 { listens_at.port() } else { settings.port };
        let name = &settings.name;
        let url = if port == HTTPS { format!("https://{name}") } else { format!("https://{name}:{port}") };
        let certificate = PublicCertificate::new(name, &settings.certificate, &settings.key);
        Self { certificate, url }
    }

    /// Where phones reach the hall, while they can.
    pub(crate) fn url(&self) -> Option<&str> {
        self.certificate.is_usable().then_some(self.url.as_str())
    }
}

/// Reads the certificate now and whenever its files change, until the hall stops.
pub(crate) async fn keep_certificate(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    let Some(face) = &core.public else { return };
    loop {
        if let Some(result) = face.certificate.look_again() {
            let failure = result.err().map(|error| error.to_string());
            if let Err(error) = report(&core, failure.as_deref()).await {
                tracing::error!(%error, "the state of the public certificate was not recorded");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stopped(&mut stop) => return,
        }
    }
}

async fn report(core: &Core, failure: Option<&str>) -> Result<(), sqlx::Error> {
    let (subject, at_ms) = (core.config.public.name.as_str(), core.clock.now_ms());
    let mut tx = core.db.begin().await?;
    match failure {
        Some(detail) => alarm::raise(&mut tx, Alarm { kind: Kind::PublicCertificate, subject, detail, at_ms }).await?,
        None => alarm::settle(&mut tx, Kind::PublicCertificate, subject, at_ms).await?,
    }
    tx.commit().await
}
