//! Pages of other origins, with policies of their own.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// A file: media type, further headers, content.
type File = (String, Vec<(String, String)>, Vec<u8>);

/// A small web server whose files a test puts there itself; ends with the test's process.
#[derive(Clone)]
pub struct PageServer {
    address: SocketAddr,
    files: Arc<Mutex<BTreeMap<String, File>>>,
}

impl PageServer {
    /// Starts one on an origin of its own.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let server = Self { address: listener.local_addr().expect("an address"), files: Arc::default() };
        let serving = server.clone();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = serving.clone();
                std::thread::spawn(move || server.serve(client));
            }
        });
        server
    }

    /// Its origin.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Puts a file there.
    pub fn put(&self, path: &str, media_type: &str, headers: &[(&str, &str)], content: impl Into<Vec<u8>>) {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(path.to_owned(), (media_type.to_owned(), headers, content.into()));
    }

    /// Puts a copy of `dist/` there.
    pub fn put_dist(&self) {
        self.put_folder(&crate::dist());
    }

    /// Puts a copy of a folder there, readable from every origin.
    pub fn put_folder(&self, folder: &Path) {
        self.put_below(folder, "");
    }

    fn put_below(&self, folder: &Path, address: &str) {
        for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
            let (path, address) = (entry.path(), format!("{address}/{}", entry.file_name().to_string_lossy()));
            let media_type = match path.extension().and_then(|extension| extension.to_str()) {
                _ if path.is_dir() => {
                    self.put_below(&path, &address);
                    continue;
                }
                Some("html") => "text/html",
                Some("js") => "text/javascript",
                Some("css") => "text/css",
                Some("wasm") => "application/wasm",
                Some("json") => "application/json",
                _ => continue,
            };
            let content = std::fs::read(&path).expect("a file");
            // Names with a hash never change, and browsers are told so.
            let is_hashed = address.starts_with("/itsm-c");
            let lasts = if is_hashed { "max-age=31536000, immutable" } else { "no-cache" };
            self.put(&address, media_type, &[("Access-Control-Allow-Origin", "*"), ("Cache-Control", lasts)], content);
        }
    }

    /// Changes files that are there.
    pub fn change(&self, find: impl Fn(&str) -> bool, change: impl Fn(&mut Vec<u8>)) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let mut found = files.iter_mut().filter(|(path, _)| find(path)).peekable();
        assert!(found.peek().is_some(), "a file to change");
        found.for_each(|(_, file)| change(&mut file.2));
    }

    fn serve(&self, mut client: TcpStream) -> std::io::Result<()> {
        let mut head = vec![];
        let mut piece = [0; 4096];
        while !head.windows(4).any(|four| four == b"\r\n\r\n") {
            let read = client.read(&mut piece)?;
            if read == 0 {
                return Ok(());
            }
            head.extend_from_slice(&piece[..read]);
        }
        let line = String::from_utf8_lossy(&head).into_owned();
        let path = line.split(' ').nth(1).unwrap_or_default().split('?').next().unwrap_or_default().to_owned();
        let file = self.files.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        let (status, (media_type, headers, content)) = match file {
            Some(file) => ("200 OK", file),
            None => ("404 Not Found", ("text/plain".to_owned(), vec![], b"nothing here".to_vec())),
        };
        let further: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        write!(
            client,
            "HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {}\r\nConnection: close\r\n{further}\r\n",
            content.len()
        )?;
        client.write_all(&content)
    }
}
