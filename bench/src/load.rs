//! The load: connections that are kept open, each with one request under way. Its own CPU is not counted, since it is another process
//! than the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::Outcome;
use crate::process::Server;

/// What was measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    pub(crate) requests: u64,
    pub(crate) cpu: Duration,
    pub(crate) elapsed: Duration,
}

impl Measured {
    /// Requests that a second of the server's CPU answers.
    pub(crate) fn per_cpu_second(&self) -> f64 {
        self.requests as f64 / self.cpu.as_secs_f64().max(1e-9)
    }

    /// Microseconds of the server's CPU for a request.
    pub(crate) fn micros(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests.max(1) as f64
    }

    /// Requests in a second of the clock, on a machine that the load shares.
    pub(crate) fn per_second(&self) -> f64 {
        self.requests as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }
}

/// Sends the requests in turn over so many connections, and measures the server's CPU over that time.
pub(crate) fn measure(
    server: &Server,
    address: &str,
    requests: Vec<Vec<u8>>,
    connections: usize,
    time: Duration,
) -> Outcome<Measured> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let load = Arc::new(Load { requests, answered: AtomicU64::new(0), stop: AtomicBool::new(false) });
        let tasks: Vec<_> = (0..connections)
            .map(|number| tokio::spawn(connection(load.clone(), address.to_owned(), number)))
            .collect();
        tokio::time::sleep(Duration::from_millis(700)).await;
        let (start, before, cpu) = (Instant::now(), load.answered.load(Ordering::Relaxed), server.cpu()?);
        tokio::time::sleep(time).await;
        let requests = load.answered.load(Ordering::Relaxed) - before;
        let measured = Measured { requests, cpu: server.cpu()? - cpu, elapsed: start.elapsed() };
        load.stop.store(true, Ordering::Relaxed);
        for task in tasks {
            task.await??;
        }
        Ok(measured)
    })
}

/// One call, and the body of its answer.
pub(crate) fn once(address: &str, request: &[u8]) -> Outcome<String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(request).await?;
        let mut buffer = Vec::new();
        let (head, whole) = answer(&mut stream, &mut buffer).await?;
        Ok(String::from_utf8(buffer.get(head..whole).unwrap_or_default().to_vec())?)
    })
}

/// Sends each request once over so many connections, and gives the bodies of the answers, in no order.
pub(crate) fn once_each(address: &str, requests: &[Vec<u8>], connections: usize) -> Outcome<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let share = requests.len().div_ceil(connections).max(1);
        let tasks: Vec<_> = requests
            .chunks(share)
            .map(|requests| tokio::spawn(in_turn(address.to_owned(), requests.to_vec())))
            .collect();
        let mut bodies = Vec::with_capacity(requests.len());
        for task in tasks {
            bodies.extend(task.await??);
        }
        Ok(bodies)
    })
}

async fn in_turn(address: String, requests: Vec<Vec<u8>>) -> Sent<Vec<String>> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (mut buffer, mut bodies) = (Vec::new(), Vec::new());
    for request in requests {
        stream.write_all(&request).await?;
        buffer.clear();
        let (head, whole) = answer(&mut stream, &mut buffer).await?;
        bodies.push(String::from_utf8(buffer.get(head..whole).unwrap_or_default().to_vec())?);
    }
    Ok(bodies)
}

struct Load {
    requests: Vec<Vec<u8>>,
    answered: AtomicU64,
    stop: AtomicBool,
}

/// The error must be sendable, since tasks return it.
type Sent<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

async fn connection(load: Arc<Load>, address: String, number: usize) -> Sent<()> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(16 * 1024);
    for request in load.requests.iter().cycle().skip(number * 31 % load.requests.len().max(1)) {
        if load.stop.load(Ordering::Relaxed) {
            break;
        }
        stream.write_all(request).await?;
        buffer.clear();
        answer(&mut stream, &mut buffer).await?;
        load.answered.fetch_add(1, Ordering::Relaxed);
    }
    Ok(())
}

/// Reads one answer, which must be a success: where its body begins and where it ends.
async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Sent<(usize, usize)> {
    loop {
        if stream.read_buf(buffer).await? == 0 {
            return Err("the server closed the connection".into());
        }
        let Some(head) = buffer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = head + 4;
        let text = std::str::from_utf8(buffer.get(..head).unwrap_or_default())?;
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
        });
        let whole = match length {
            Some(length) => head + length?,
            // No Content (RFC 9110, section 15.3.5) has no length.
            None if text.starts_with("HTTP/1.1 204 ") => head,
            None => return Err("an answer without a length".into()),
        };
        if buffer.len() < whole {
            continue;
        }
        if !text.starts_with("HTTP/1.1 20") {
            return Err(format!("not a success: {}", String::from_utf8_lossy(buffer)).into());
        }
        return Ok((head, whole));
    }
}
