//! A TCP proxy in front of an HTTP server. It reads a request's head, asks its rule what to do with it, and passes the
//! rest on as bytes. One request a connection, so that every request is judged.

use std::io::{self, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// What a request says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestHead {
    /// The method.
    pub method: String,
    /// Path and query.
    pub path: String,
    /// The header `Authorization`, empty if there is none.
    pub authorization: String,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It reaches the server, and the answer comes back.
    Pass,
    /// The connection is closed before anything reaches the server: no network.
    Cut,
    /// It reaches the server whole, and the connection is closed before the answer.
    CutAnswer,
    /// It never reaches the server, and nobody answers: the client waits for as long as it will.
    Hold,
    /// It never reaches the server; this answers in its place.
    Answer {
        /// The HTTP status.
        status: u16,
        /// The media type.
        content_type: &'static str,
        /// The body.
        body: String,
    },
}

type Rule = Box<dyn FnMut(&RequestHead) -> Fate + Send>;

/// A running proxy; ends with its process.
#[derive(Clone)]
pub struct FaultProxy {
    address: SocketAddr,
    target: Arc<Mutex<SocketAddr>>,
    rule: Arc<Mutex<Rule>>,
}

const MAX_HEAD: usize = 64 * 1024;

impl FaultProxy {
    /// Listens on `address` and passes everything to `target`.
    pub fn start(address: SocketAddr, target: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let rule: Rule = Box::new(|_| Fate::Pass);
        let proxy = Self {
            address: listener.local_addr()?,
            target: Arc::new(Mutex::new(target)),
            rule: Arc::new(Mutex::new(rule)),
        };
        let serving = proxy.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let proxy = serving.clone();
                // A broken connection is this proxy's daily work.
                thread::spawn(move || proxy.serve(client));
            }
        });
        Ok(proxy)
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on `rule` judges every request.
    pub fn set_rule(&self, rule: impl FnMut(&RequestHead) -> Fate + Send + 'static) {
        *self.rule.lock().unwrap_or_else(PoisonError::into_inner) = Box::new(rule);
    }

    /// From now on requests go to another server.
    pub fn set_target(&self, target: SocketAddr) {
        *self.target.lock().unwrap_or_else(PoisonError::into_inner) = target;
    }

    fn serve(&self, mut client: TcpStream) -> io::Result<()> {
        let (head_bytes, rest) = read_head(&mut client)?;
        let Some(head) = parse(&head_bytes) else { return Ok(()) };
        let fate = self.rule.lock().unwrap_or_else(PoisonError::into_inner)(&head);
        let target = *self.target.lock().unwrap_or_else(PoisonError::into_inner);
        match fate {
            Fate::Cut => reset(&client),
            Fate::Hold => io::copy(&mut client, &mut io::sink()).map(drop),
            Fate::Answer { status, content_type, body } => {
                drain(&mut client, &head_bytes, rest.len())?;
                let length = body.len();
                write!(
                    client,
                    "HTTP/1.1 {status} Injected\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
                )?;
                client.flush()
            }
            Fate::Pass => {
                let server = forward(target, &head_bytes, &rest)?;
                let (mut upload, mut server_in) = (client.try_clone()?, server.try_clone()?);
                thread::spawn(move || {
                    let _ = io::copy(&mut upload, &mut server_in);
                    server_in.shutdown(Shutdown::Write)
                });
                let mut server = server;
                io::copy(&mut server, &mut client)?;
                client.shutdown(Shutdown::Both)
            }
            Fate::CutAnswer => {
                let mut server = forward(target, &head_bytes, &rest)?;
                let mut left = body_length(&head_bytes).saturating_sub(rest.len());
                let mut piece = [0; 16 * 1024];
                while left > 0 {
                    let read = client.read(&mut piece)?;
                    if read == 0 {
                        break;
                    }
                    server.write_all(&piece[..read])?;
                    left = left.saturating_sub(read);
                }
                // The server has answered once it says the first byte; the client never hears it.
                server.read_exact(&mut piece[..1])?;
                reset(&client)
            }
        }
    }
}

fn read_head(client: &mut TcpStream) -> io::Result<(Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            let rest = bytes.split_off(end + 4);
            return Ok((bytes, rest));
        }
        let read = client.read(&mut piece)?;
        if read == 0 || bytes.len() > MAX_HEAD {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.extend_from_slice(&piece[..read]);
    }
}

fn parse(head: &[u8]) -> Option<RequestHead> {
    let line = String::from_utf8_lossy(head.split(|byte| *byte == b'\r').next()?).into_owned();
    let mut words = line.split(' ');
    Some(RequestHead {
        method: words.next()?.to_owned(),
        path: words.next()?.to_owned(),
        authorization: header(head, "authorization").unwrap_or_default(),
    })
}

fn header(head: &[u8], name: &str) -> Option<String> {
    let text = String::from_utf8_lossy(head);
    let fields = text.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = fields.into_iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

fn body_length(head: &[u8]) -> usize {
    header(head, "content-length").and_then(|value| value.parse().ok()).unwrap_or(0)
}

/// Takes the body that belongs to `head`, so that the client is ready to hear an answer.
fn drain(client: &mut TcpStream, head: &[u8], had: usize) -> io::Result<()> {
    let left = body_length(head).saturating_sub(had);
    io::copy(&mut client.take(left as u64), &mut io::sink()).map(drop)
}

/// Sends the head on, told to be the connection's last.
fn forward(target: SocketAddr, head: &[u8], rest: &[u8]) -> io::Result<TcpStream> {
    let mut server = TcpStream::connect(target)?;
    let text = String::from_utf8_lossy(head);
    let kept = text.trim_end().lines().filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut sent: String = kept.map(|line| format!("{line}\r\n")).collect();
    sent.push_str("Connection: close\r\n\r\n");
    server.write_all(sent.as_bytes())?;
    server.write_all(rest)?;
    Ok(server)
}

fn reset(client: &TcpStream) -> io::Result<()> {
    client.shutdown(Shutdown::Both)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// A server that counts requests and answers each with its body's length.
    fn server() -> (SocketAddr, mpsc::Receiver<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let (head, rest) = read_head(&mut client).expect("a head");
                let mut body = rest;
                let mut missing = vec![0; body_length(&head) - body.len()];
                client.read_exact(&mut missing).expect("a body");
                body.extend(missing);
                sender.send(String::from_utf8_lossy(&body).into_owned()).expect("a test that listens");
                let _ = client.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
            }
        });
        (address, receiver)
    }

    fn post(proxy: &FaultProxy) -> String {
        let mut client = TcpStream::connect(proxy.address()).expect("a proxy");
        client
            .write_all(b"POST /api/x HTTP/1.1\r\nConnection: keep-alive\r\nContent-Length: 5\r\n\r\nhello")
            .expect("sent");
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer);
        answer
    }

    #[test]
    fn each_fate_is_what_it_says() {
        let (target, arrived) = server();
        let proxy = FaultProxy::start("127.0.0.1:0".parse().expect("an address"), target).expect("a proxy");
        assert!(post(&proxy).ends_with("ok"));
        assert_eq!(arrived.recv().expect("arrived"), "hello");
        proxy.set_rule(|_| Fate::Cut);
        assert_eq!(post(&proxy), "");
        assert!(arrived.try_recv().is_err(), "nothing reached the server");
        proxy.set_rule(|_| Fate::CutAnswer);
        assert_eq!(post(&proxy), "");
        assert_eq!(arrived.recv().expect("arrived"), "hello", "the request did reach the server");
        proxy.set_rule(|_| Fate::Hold);
        let mut waiting = TcpStream::connect(proxy.address()).expect("a proxy");
        waiting.set_read_timeout(Some(std::time::Duration::from_millis(200))).expect("a limit");
        waiting.write_all(b"POST /api/x HTTP/1.1\r\nContent-Length: 0\r\n\r\n").expect("sent");
        assert!(waiting.read(&mut [0]).is_err(), "no answer, and no end");
        assert!(arrived.try_recv().is_err());
        proxy.set_rule(|head| {
            assert_eq!((head.method.as_str(), head.path.as_str()), ("POST", "/api/x"));
            Fate::Answer { status: 500, content_type: "text/plain", body: "no".into() }
        });
        assert!(post(&proxy).starts_with("HTTP/1.1 500") && arrived.try_recv().is_err());
    }
}
