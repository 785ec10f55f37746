//! One scan: posted, fetched page by page, deleted at the end whatever happened.
//!
//! ```text
//! ScannerStatus ─trouble─▶ failure     busy, 503: look again, bounded
//! POST ScanJobs ─201 Location─▶ job
//! GET NextDocument ─200─▶ page (again for the feeder)
//!   ├─ 503 ─▶ not ready: ScannerStatus, look again, bounded
//!   └─ 404 ─▶ ScannerStatus ─jam, cover─▶ failure, else no more pages
//! DELETE job
//! ```

use super::{EsclScanner, PAGE_BYTES_MAX, because, words};
use crate::document_scanner::{
    DocumentScanner, PageFormat, ScanFailure, ScanJob, ScanSettings, ScanSource, ScanTrouble, ScannedPage,
};
use crate::http::{HttpFailure, Patience, Response};
use crate::{DeviceError, DeviceErrorKind, Stop};
use std::time::Duration;

/// Pages of one job at most: more than a feeder holds.
const PAGES_MAX: u32 = 200;

pub(super) struct EsclJob<'a> {
    scanner: &'a mut EsclScanner,
    path: String,
    source: ScanSource,
    stop: Stop,
    pages: u32,
    ended: bool,
    failed: bool,
}

pub(super) fn begin<'a>(
    scanner: &'a mut EsclScanner,
    settings: &ScanSettings,
    format: PageFormat,
    stop: &Stop,
) -> Result<EsclJob<'a>, ScanFailure> {
    let target = format!("{}/ScanJobs", scanner.base);
    let body = words::write_settings(settings, format);
    for _ in 0..scanner.timings.ready_looks {
        let status = scanner.status()?;
        if let Some(trouble) = status.trouble {
            return Err(trouble.into());
        }
        if settings.source == ScanSource::Feeder && status.feeder_loaded == Some(false) {
            return Err(ScanTrouble::FeederEmpty.into());
        }
        if status.idle {
            goes_on(stop)?;
            let response = scanner.ask("POST", &target, body.as_bytes())?;
            match response.status {
                201 => {
                    let location = response.head.field("location").unwrap_or_default();
                    let path = words::job_path(location, &scanner.base)
                        .ok_or_else(|| because(DeviceErrorKind::Garbled, "a job without a Location"))?;
                    let (source, stop) = (settings.source, stop.clone());
                    return Ok(EsclJob { scanner, path, source, stop, pages: 0, ended: false, failed: false });
                }
                503 => {}
                status => return Err(refused(scanner, status)),
            }
        }
        wait_a_look(scanner, stop)?;
    }
    Err(ScanFailure::Busy)
}

/// Time passes only while the scanner says that it is not ready; it has no way to call us.
fn wait_a_look(scanner: &EsclScanner, stop: &Stop) -> Result<(), ScanFailure> {
    goes_on(stop)?;
    std::thread::sleep(Duration::from_millis(scanner.timings.ready_look_ms));
    goes_on(stop)
}

fn goes_on(stop: &Stop) -> Result<(), ScanFailure> {
    if stop.is_requested() { Err(ScanFailure::Stopped) } else { Ok(()) }
}

/// The scanner itself knows better why than a status of HTTP says.
fn refused(scanner: &mut EsclScanner, status: u16) -> ScanFailure {
    match scanner.status() {
        Ok(said) if said.trouble.is_some() => said.trouble.map_or(ScanFailure::Busy, ScanFailure::Trouble),
        Ok(_) => match status {
            401 | 403 => DeviceError::new(DeviceErrorKind::AccessDenied).into(),
            400 | 409 => ScanFailure::Unsupported("ScanSettings"),
            500..=599 => because(DeviceErrorKind::Hardware, format!("HTTP status {status}")).into(),
            _ => because(DeviceErrorKind::Software, format!("HTTP status {status}")).into(),
        },
        Err(error) => error.into(),
    }
}

impl ScanJob for EsclJob<'_> {
    fn next_page(&mut self) -> Result<Option<ScannedPage>, ScanFailure> {
        if self.ended {
            return Ok(None);
        }
        let result = self.fetch();
        if !matches!(result, Ok(Some(_))) || self.source == ScanSource::Platen || self.pages >= PAGES_MAX {
            self.failed = matches!(result, Err(ScanFailure::Device(_)));
            // A failure stands before whatever becomes of the end.
            let _ = self.end();
        }
        result
    }

    fn cancel(mut self: Box<Self>) -> Result<(), DeviceError> {
        self.end()
    }
}

impl EsclJob<'_> {
    fn fetch(&mut self) -> Result<Option<ScannedPage>, ScanFailure> {
        let target = format!("{}/NextDocument", self.path);
        for _ in 0..self.scanner.timings.ready_looks {
            goes_on(&self.stop)?;
            let response = self.get(&target)?;
            match response.status {
                200 => return self.page(response).map(Some),
                503 => {
                    if let Some(trouble) = self.scanner.status()?.trouble {
                        return Err(trouble.into());
                    }
                    wait_a_look(self.scanner, &self.stop)?;
                }
                404 | 410 => return self.no_more_pages(),
                status => return Err(refused(self.scanner, status)),
            }
        }
        Err(ScanFailure::Busy)
    }

    fn get(&mut self, target: &str) -> Result<Response, ScanFailure> {
        let timings = self.scanner.timings;
        let mut patience =
            PagePatience { stop: &self.stop, look_ms: timings.stop_look_ms.max(1), left_ms: timings.page_ms };
        let result = self.scanner.exchange(("GET", target), &[], PAGE_BYTES_MAX, &mut patience);
        result.map_err(|failure| match failure {
            HttpFailure::Device(error) => error.into(),
            HttpFailure::Document(error) => DeviceError::from(error).into(),
            HttpFailure::Stopped => ScanFailure::Stopped,
        })
    }

    fn page(&mut self, response: Response) -> Result<ScannedPage, ScanFailure> {
        self.pages += 1;
        ScannedPage::whole(response.body).map_err(Into::into)
    }

    /// A scanner that jams says 404 like one that is through: its status tells them apart.
    fn no_more_pages(&mut self) -> Result<Option<ScannedPage>, ScanFailure> {
        let status = self.scanner.status()?;
        match (status.trouble, self.pages) {
            (Some(trouble), _) => Err(trouble.into()),
            (None, 0) if self.source == ScanSource::Feeder && status.feeder_loaded == Some(false) => {
                Err(ScanTrouble::FeederEmpty.into())
            }
            (None, 0) => Err(because(DeviceErrorKind::Hardware, "a scan without a page").into()),
            (None, _) => Ok(None),
        }
    }

    fn end(&mut self) -> Result<(), DeviceError> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(());
        }
        // 404: it has ended by itself.
        let deleted = self.scanner.ask("DELETE", &self.path, &[]).map(drop);
        if self.failed {
            self.scanner.client.close();
        }
        deleted
    }
}

impl Drop for EsclJob<'_> {
    fn drop(&mut self) {
        let _ = self.end();
    }
}

/// Waits for the bytes of a page, and looks whether it is still wanted.
struct PagePatience<'a> {
    stop: &'a Stop,
    look_ms: u64,
    left_ms: u64,
}

impl Patience for PagePatience<'_> {
    fn look(&self) -> Duration {
        Duration::from_millis(self.look_ms)
    }

    fn sending(&mut self, _document_bytes: u64) -> Result<(), HttpFailure> {
        Ok(())
    }

    fn still(&mut self) -> Result<(), HttpFailure> {
        if self.stop.is_requested() {
            return Err(HttpFailure::Stopped);
        }
        self.left_ms = self.left_ms.saturating_sub(self.look_ms);
        if self.left_ms == 0 {
            return Err(HttpFailure::Device(DeviceError::new(DeviceErrorKind::Silent)));
        }
        Ok(())
    }

    fn wants_rest(&mut self, _early: &Response) -> bool {
        false
    }
}
