//! The other decoders of the bench behind one function each: a grey picture in, texts out. Each is called as its
//! documentation advises; what a peer answers twice counts once.

use crate::set::Picture;

/// A decoder: its name in the table, and how it is asked.
pub struct Peer {
    pub name: &'static str,
    pub read: fn(&Picture) -> Vec<String>,
}

pub const PEERS: &[Peer] = &[
    Peer { name: "zxing-cpp", read: zxing },
    Peer { name: "rxing", read: rxing },
    Peer { name: "quircs", read: quircs },
    Peer { name: "zbar", read: zbar::read },
    Peer { name: "rqrr", read: rqrr },
];

/// Defaults with the format that means plain QR only (`QRCode` would also mean Micro QR).
fn zxing(picture: &Picture) -> Vec<String> {
    let view = zxingcpp::ImageView::from_slice(
        &picture.grey,
        picture.width as i32,
        picture.height as i32,
        zxingcpp::ImageFormat::Lum,
    );
    let Ok(view) = view else { return Vec::new() };
    let found = zxingcpp::read().formats(zxingcpp::BarcodeFormat::QRCodeModel2).from(&view);
    found.map(|codes| codes.iter().map(|code| code.text()).collect()).unwrap_or_default()
}

fn rxing(picture: &Picture) -> Vec<String> {
    use rxing::common::HybridBinarizer;
    use rxing::{BinaryBitmap, Luma8Source, Reader, qrcode::cpp_port::QrReader};
    let Ok(source) = Luma8Source::new_with_slice(&picture.grey, picture.width as u32, picture.height as u32) else {
        return Vec::new();
    };
    let mut bitmap = BinaryBitmap::new(HybridBinarizer::new(source));
    let hints = rxing::DecodeHints { TryHarder: Some(true), AlsoInverted: Some(true), ..Default::default() };
    QrReader.decode_with_hints(&mut bitmap, &hints).map(|code| vec![code.getText().to_owned()]).unwrap_or_default()
}

/// An empty payload is its answer to structured append: no answer.
fn quircs(picture: &Picture) -> Vec<String> {
    let mut decoder = quircs::Quirc::default();
    let codes = decoder.identify(picture.width, picture.height, &picture.grey);
    codes
        .filter_map(|code| code.ok()?.decode().ok())
        .filter(|data| !data.payload.is_empty())
        .map(|data| String::from_utf8_lossy(&data.payload).into_owned())
        .collect()
}

fn rqrr(picture: &Picture) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(picture.width, picture.height, |x, y| {
        picture.grey[y * picture.width + x]
    });
    prepared.detect_grids().iter().filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// libzbar by its C interface (package libzbar-dev).
mod zbar {
    use super::Picture;
    use std::ffi::{CStr, c_char, c_int, c_uint, c_ulong, c_void};

    #[link(name = "zbar")]
    unsafe extern "C" {
        fn zbar_image_scanner_create() -> *mut c_void;
        fn zbar_image_scanner_destroy(scanner: *mut c_void);
        fn zbar_image_scanner_set_config(scanner: *mut c_void, symbology: c_int, config: c_int, value: c_int) -> c_int;
        fn zbar_image_create() -> *mut c_void;
        fn zbar_image_destroy(image: *mut c_void);
        fn zbar_image_set_format(image: *mut c_void, format: c_ulong);
        fn zbar_image_set_size(image: *mut c_void, width: c_uint, height: c_uint);
        fn zbar_image_set_data(
            image: *mut c_void,
            data: *const c_void,
            length: c_ulong,
            free: Option<extern "C" fn(*mut c_void)>,
        );
        fn zbar_scan_image(scanner: *mut c_void, image: *mut c_void) -> c_int;
        fn zbar_image_first_symbol(image: *const c_void) -> *const c_void;
        fn zbar_symbol_next(symbol: *const c_void) -> *const c_void;
        fn zbar_symbol_get_data(symbol: *const c_void) -> *const c_char;
    }

    const ALL: c_int = 0;
    const QR: c_int = 64;
    const ENABLE: c_int = 0;
    const Y800: c_ulong = u32::from_le_bytes(*b"Y800") as c_ulong;

    pub fn read(picture: &Picture) -> Vec<String> {
        let mut texts = Vec::new();
        // SAFETY: scanner and image live until they are destroyed below; the pixels outlive both; symbols are read
        // before the image goes.
        unsafe {
            let scanner = zbar_image_scanner_create();
            zbar_image_scanner_set_config(scanner, ALL, ENABLE, 0);
            zbar_image_scanner_set_config(scanner, QR, ENABLE, 1);
            let image = zbar_image_create();
            zbar_image_set_format(image, Y800);
            zbar_image_set_size(image, picture.width as c_uint, picture.height as c_uint);
            zbar_image_set_data(image, picture.grey.as_ptr().cast(), picture.grey.len() as c_ulong, None);
            zbar_scan_image(scanner, image);
            let mut symbol = zbar_image_first_symbol(image);
            while !symbol.is_null() {
                texts.push(CStr::from_ptr(zbar_symbol_get_data(symbol)).to_string_lossy().into_owned());
                symbol = zbar_symbol_next(symbol);
            }
            zbar_image_destroy(image);
            zbar_image_scanner_destroy(scanner);
        }
        texts
    }
}
