//! A terminal that is enrolled at a hall, and that hall's folder: made once by the hall's own code, copied under
//! every run. The hall publishes one service only, so that it starts quickly.

use std::{
    fs,
    path::Path,
    sync::{Arc, LazyLock},
};

use ed25519_dalek::{SigningKey, VerifyingKey, pkcs8::EncodePrivateKey as _};
use hall::{Files, HallConfig, Seam, desk::Desk};
use rcgen::{CertificateParams, KeyPair, PKCS_ED25519};
use rustls::pki_types::PrivatePkcs8KeyDer;
use serde_json::Value;
use wire::{
    api::EnrolAnswer,
    ids::{InstallationId, KeyId},
    seal::x25519_pair,
    signed::{KeyList, KeyUse},
};

/// The one service.
pub const ITEM: &str = "XC-MZJ-03";
pub const TERMINAL: &str = "007";
const INSTALLATION: &str = "6b1f0a52-3c57-4f6f-9a53-6a2b1f5f7c01";

pub struct Enrolled {
    pub answer: EnrolAnswer,
    pub certificate: Vec<u8>,
    pub signing: SigningKey,
    pub installation: InstallationId,
    /// The hall's sealing key.
    pub sealing: (KeyId, [u8; 32]),
    keys: KeyList,
    /// Catalogue, and in `hall` the data folder.
    folder: tempfile::TempDir,
}

/// Made before the first run.
pub static ENROLLED: LazyLock<Enrolled> = LazyLock::new(|| {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(Enrolled::make())
});

impl Enrolled {
    async fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("catalogue.json"), one_service()).unwrap();
        let signing = SigningKey::from_bytes(&[8; 32]);
        let pkcs8 = signing.to_pkcs8_der().unwrap();
        let pair =
            KeyPair::from_pkcs8_der_and_sign_algo(&PrivatePkcs8KeyDer::from(pkcs8.as_bytes()), &PKCS_ED25519).unwrap();
        let csr = CertificateParams::default().serialize_request(&pair).unwrap();
        let installation: InstallationId = INSTALLATION.parse().unwrap();
        let desk = Desk::open(config(folder.path(), &folder.path().join("hall"), Seam::default())).await.unwrap();
        let answer = desk.enrol(TERMINAL.parse().unwrap(), installation, csr.der()).await.unwrap();
        let sealing = desk.sealing_key().unwrap();
        desk.close().await;
        let root = VerifyingKey::from_bytes(&answer.root_key.0).unwrap();
        let keys = answer.key_list.verify(&root).unwrap();
        let certificate = decoded(&answer.certificate);
        Self { answer, certificate, signing, installation, sealing, keys, folder }
    }

    /// Settings of the hall in another folder.
    pub fn hall(&self, data: &Path, vfs: Option<&str>, files: Option<Arc<dyn Files>>) -> HallConfig {
        config(self.folder.path(), data, Seam { vfs: vfs.map(str::to_owned), files })
    }

    /// A copy of the hall's folder as it was after the enrolment.
    pub fn copy_hall(&self, to: &Path) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(self.folder.path().join("hall")).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
            }
        }
    }

    /// The key that signs receipts.
    pub fn receipt_key(&self, key_id: &KeyId) -> Option<VerifyingKey> {
        self.keys.verifying(KeyUse::Receipt, key_id)
    }
}

fn config(home: &Path, data: &Path, seam: Seam) -> HallConfig {
    let mut config =
        HallConfig { data: data.to_owned(), catalogue: home.join("catalogue.json"), seam, ..Default::default() };
    config.keys.recovery_public = x25519_pair(&[5; 32]).1.iter().map(|byte| format!("{byte:02x}")).collect();
    config.backup.watermark_is_receipt = true;
    config.uploads.begin_per_second = 1_000_000;
    config
}

/// The built-in catalogue, cut down.
fn one_service() -> String {
    let mut catalogue: Value = serde_json::from_str(include_str!("../../assets/catalogue/catalogue.json")).unwrap();
    catalogue["items"].as_array_mut().unwrap().retain(|item| item["item_id"] == ITEM);
    catalogue.to_string()
}

pub fn decoded(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}
