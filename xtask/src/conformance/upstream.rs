//! A server in the platform's place, which gives the response of a case.

use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Result;
use serde_json::{Map, Value};

/// How long a connection may say nothing.
const PATIENCE: Duration = Duration::from_secs(60);

/// It serves until this program ends.
#[derive(Debug)]
pub(super) struct Upstream {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    response: Vec<u8>,
    served: usize,
}

impl Upstream {
    pub(super) fn start() -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let state = Arc::<Mutex<State>>::default();
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // Where a connection fails, the call fails, which is what counts.
                std::thread::spawn(move || serve(stream, &state).ok());
            }
        });
        Ok(Self { address, state })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Gives this response from now on.
    pub(super) fn give(&self, status: u16, headers: &Map<String, Value>, body: &[u8]) {
        let mut head = format!("HTTP/1.1 {status} Status\r\n");
        for (name, value) in headers {
            let value = value.as_str().unwrap_or_default();
            // Writing to a string does not fail.
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let length = body.len();
        let _ = write!(
            head,
            "Content-Length: {length}\r\nConnection: close\r\n\r\n"
        );
        let response = [head.as_bytes(), body].concat();
        *self.state() = State {
            response,
            served: 0,
        };
    }

    /// How often the response was given: a call is sent once, and nothing is followed.
    pub(super) fn served(&self) -> usize {
        self.state().served
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    read_request(&mut stream)?;
    let response = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        state.served += 1;
        state.response.clone()
    };
    stream.write_all(&response)
}

/// Reads a request whole: closing with something unread would reset the connection.
fn read_request(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length:"))
                .and_then(|length| length.trim().parse().ok())
                .unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                return Ok(());
            }
        }
        match stream.read(&mut chunk)? {
            0 => return Err(std::io::ErrorKind::UnexpectedEof.into()),
            read => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}
