//! A browser without JavaScript: cookies, forms, pages.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

/// One person at the console.
pub struct Browser {
    addr: SocketAddr,
    cookie: String,
}

/// A page as it came.
pub struct Page {
    pub status: u16,
    pub head: String,
    pub text: String,
}

impl Page {
    /// The token that every form of the page carries.
    pub fn csrf(&self) -> String {
        let marker = "name=\"csrf\" value=\"";
        let from = self.text.find(marker).expect("a form with a token") + marker.len();
        self.text[from..].split('"').next().unwrap().to_owned()
    }

    pub fn has(&self, needle: &str) -> bool {
        self.text.contains(needle)
    }
}

impl Browser {
    pub fn new(addr: SocketAddr) -> Self {
        Self { addr, cookie: String::new() }
    }

    /// Logs in; the page that answers.
    pub fn login(&mut self, login: &str, password: &str) -> Page {
        let page = self.post("/login", &[("login", login), ("password", password)]);
        if let Some(line) = page.head.lines().find(|line| line.to_lowercase().starts_with("set-cookie:")) {
            self.cookie = line["set-cookie:".len()..].split(';').next().unwrap().trim().to_owned();
        }
        page
    }

    pub fn get(&self, path: &str) -> Page {
        self.request(&format!("GET {path} HTTP/1.1\r\n{}\r\n", self.head()))
    }

    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Page {
        let body: Vec<String> = form.iter().map(|(name, value)| format!("{name}={}", encode(value))).collect();
        let body = body.join("&");
        self.request(&format!(
            "POST {path} HTTP/1.1\r\n{}content-type: application/x-www-form-urlencoded\r\ncontent-length: {}\r\n\r\n{body}",
            self.head(),
            body.len()
        ))
    }

    /// Sends a form with one file.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)], (name, bytes): (&str, &[u8])) -> Page {
        let mut body = Vec::new();
        for (field, value) in fields {
            let part = format!("--frontier\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(part.as_bytes());
        }
        let head = format!("--frontier\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--frontier--\r\n");
        let mut request = format!(
            "POST {path} HTTP/1.1\r\n{}content-type: multipart/form-data; boundary=frontier\r\ncontent-length: {}\r\n\r\n",
            self.head(),
            body.len()
        )
        .into_bytes();
        request.extend_from_slice(&body);
        self.request_bytes(&request)
    }

    fn head(&self) -> String {
        format!("host: {}\r\nconnection: close\r\ncookie: {}\r\n", self.addr, self.cookie)
    }

    fn request(&self, request: &str) -> Page {
        self.request_bytes(request.as_bytes())
    }

    fn request_bytes(&self, request: &[u8]) -> Page {
        let mut stream = TcpStream::connect(self.addr).unwrap();
        stream.write_all(request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, text) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Page { status, head: head.to_owned(), text: text.to_owned() }
    }
}

pub fn encode(value: &str) -> String {
    value
        .bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}
