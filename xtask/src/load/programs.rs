//! The programs under load: processes of their own, so that their memory and time are apart from
//! the generator's. They end with this one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::requests::Form;
use crate::at_root;
use crate::program::{self, Listening, Variables};

pub(super) const SANDBOX: &str = "sandbox";

/// The last version for Node 18 to 22; later ones want 24.
const PRISM: &str = "@stoplight/prism-cli@5.14.2";

/// Where Prism is installed: no part of the project.
const TOOLS: &str = "target/load";

/// How long a program may take to start.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program that listens.
pub(super) struct Program {
    name: &'static str,
    process: Process,
    address: SocketAddr,
    form: Form,
}

/// Ends with this value.
enum Process {
    Konaplate(Listening),
    Other(Other),
}

struct Other(Child);

impl Program {
    fn konaplate(name: &'static str, listening: Listening, form: Form) -> Result<Self> {
        let address = listening.url().strip_prefix("http://");
        Ok(Self {
            name,
            address: address.context("its address")?.parse()?,
            process: Process::Konaplate(listening),
            form,
        })
    }

    /// Of the process, not of its workers.
    fn id(&self) -> u32 {
        match &self.process {
            Process::Konaplate(listening) => listening.id(),
            Process::Other(Other(child)) => child.id(),
        }
    }

    pub(super) fn form(&self) -> Form {
        self.form
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(super) fn usage(&self) -> Usage {
        Usage(format!("/proc/{}", self.id()))
    }

    /// The time that it and its workers had cores for, since their start.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let id = self.id();
        let workers = format!("/proc/{id}/task/{id}/children");
        let workers = std::fs::read_to_string(workers).unwrap_or_default();
        let mut all = self.usage().cpu()?;
        for worker in workers.split_whitespace() {
            all += Usage(format!("/proc/{worker}")).cpu()?;
        }
        Ok(all)
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        // By a signal that it passes on to its workers; an error means that it has ended already.
        let id = self.0.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.0.wait();
    }
}

/// What a process takes, as Linux counts it.
pub(super) struct Usage(String);

impl Usage {
    pub(super) fn of_this_process() -> Self {
        Self("/proc/self".to_owned())
    }

    /// The memory that it has in RAM.
    pub(super) fn resident_kib(&self) -> Result<u64> {
        let status = self.read("status")?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"))
            .context("VmRSS")?
            .parse()
            .context("VmRSS")
    }

    /// The time that it had a core for, since its start.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let stat = self.read("stat")?;
        // The name before the last parenthesis may have spaces. utime and stime are the fields 14
        // and 15 of all, in hundredths of a second on every Linux.
        let (_, rest) = stat.rsplit_once(')').context("stat")?;
        let ticks = |place| -> Result<u64> {
            let field = rest.split_whitespace().nth(place).context("stat")?;
            Ok(field.parse()?)
        };
        Ok(Duration::from_millis(10 * (ticks(11)? + ticks(12)?)))
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("{}/{file}", self.0);
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))
    }
}

/// Builds the program, starts a sandbox, and reads the variables that it hands out.
pub(super) fn sandbox() -> Result<(Program, Variables)> {
    let (listening, variables) = program::sandbox(&program::built(true)?, &at_root(TOOLS))?;
    let sandbox = Program::konaplate(SANDBOX, listening, Form::Protocol)?;
    Ok((sandbox, variables))
}

/// Builds the program, and starts a gateway before the sandbox with these variables.
pub(super) fn gateway(variables: &Variables) -> Result<Program> {
    let arguments = ["gateway", "--listen", "127.0.0.1:0"];
    let listening = Listening::start(&program::built(true)?, &arguments, variables.pairs())?;
    Program::konaplate("gateway", listening, Form::Plain)
}

/// Starts nginx (Debian: nginx-light) before the sandbox, with a worker a core.
pub(super) fn nginx(sandbox: &Program) -> Result<Program> {
    let folder = at_root(TOOLS).join("nginx");
    std::fs::create_dir_all(&folder)?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let (at, platform) = (folder.display(), sandbox.address);
    let configuration = format!(
        "daemon off; pid {at}/pid; error_log stderr; worker_processes auto;
         events {{ worker_connections 1024; }}
         http {{
             access_log off; client_body_temp_path {at}/body; proxy_temp_path {at}/proxy;
             fastcgi_temp_path {at}/f; uwsgi_temp_path {at}/u; scgi_temp_path {at}/s;
             upstream sandbox {{ server {platform}; keepalive 64; }}
             server {{
                 listen 127.0.0.1:{port};
                 keepalive_requests 1000000000;
                 location / {{
                     proxy_pass http://sandbox; proxy_http_version 1.1; proxy_set_header Connection '';
                 }}
             }}
         }}"
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, configuration)?;
    let child = Command::new("nginx")
        .arg("-p")
        .arg(&folder)
        .arg("-c")
        .arg(&file)
        .spawn()
        .context("nginx cannot be started")?;
    up("nginx", Other(child), port)
}

/// Installs Prism and starts it with the bundle.
pub(super) fn prism() -> Result<Program> {
    let script = install_prism()?;
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let child = Command::new("node")
        .arg(script)
        .arg("mock")
        .arg(at_root("openapi/konaplate.yaml"))
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        // As quiet as the sandbox.
        .args(["--verboseLevel", "warn"])
        .stdout(Stdio::null())
        .spawn()
        .context("node cannot be started")?;
    up("Prism", Other(child), port)
}

/// The program, once it takes connections.
fn up(name: &'static str, mut process: Other, port: u16) -> Result<Program> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let begun = Instant::now();
    while TcpStream::connect(address).is_err() {
        if let Some(status) = process.0.try_wait()? {
            bail!("{name} ended: {status}");
        }
        ensure!(begun.elapsed() < PATIENCE, "{name} did not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(Program {
        name,
        process: Process::Other(process),
        address,
        form: Form::Protocol,
    })
}

fn install_prism() -> Result<PathBuf> {
    let folder = at_root(TOOLS);
    let package = folder.join("node_modules/@stoplight/prism-cli/package.json");
    let version = PRISM.rsplit('@').next().unwrap_or_default();
    let is_there = std::fs::read_to_string(package)
        .is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")));
    if !is_there {
        let installed = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--silent", "--prefix"])
            .arg(&folder)
            .arg(PRISM)
            .status()
            .context("npm cannot be run")?;
        ensure!(installed.success(), "Prism cannot be installed");
    }
    Ok(folder.join("node_modules/.bin/prism"))
}

/// What the figures were had with.
pub(super) fn versions() -> Result<String> {
    let said = |program: &str| -> Result<String> {
        let output = Command::new(program).arg("--version").output()?;
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    Ok(format!(
        "{}, Node {}, {PRISM}",
        said("rustc")?,
        said("node")?
    ))
}
