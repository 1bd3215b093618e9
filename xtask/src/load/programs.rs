//! The programs under load: processes of their own, so that their memory and time are apart from
//! the generator's. They end with this one.

use std::collections::HashMap;
use std::io::{BufRead, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use super::requests::{Form, Project};
use crate::at_root;

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
    child: Child,
    address: SocketAddr,
    form: Form,
}

impl Program {
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
        Usage(format!("/proc/{}", self.child.id()))
    }

    /// The time that it and its workers had cores for, since their start.
    pub(super) fn cpu(&self) -> Result<Duration> {
        let id = self.child.id();
        let workers = format!("/proc/{id}/task/{id}/children");
        let workers = std::fs::read_to_string(workers).unwrap_or_default();
        let mut all = self.usage().cpu()?;
        for worker in workers.split_whitespace() {
            all += Usage(format!("/proc/{worker}")).cpu()?;
        }
        Ok(all)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // By a signal that it passes on to its workers; an error means that it has ended already.
        let id = self.child.id().to_string();
        let _ = Command::new("kill").arg(id).status();
        let _ = self.child.wait();
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

/// Builds the sandbox and starts it as a program, and reads the variables that it hands out.
pub(super) fn sandbox() -> Result<(Program, Project)> {
    let built = Command::new(env!("CARGO"))
        .current_dir(at_root("."))
        .args(["build", "--quiet", "--release"])
        .args(["--package", "konaplate-sandbox"])
        .status()?;
    ensure!(built.success(), "the sandbox cannot be built");
    let folder = at_root(TOOLS);
    std::fs::create_dir_all(&folder)?;
    let variables = folder.join("sandbox.env");
    // Built beside this program, wherever cargo's target folder is.
    let program = std::env::current_exe()?.with_file_name("konaplate-sandbox");
    let mut child = Command::new(&program)
        .args(["--listen", "127.0.0.1:0", "--env-file"])
        .arg(&variables)
        // A line for each request is not what is measured.
        .env("RUST_LOG", "warn")
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    // From here on it is stopped if anything fails.
    let mut program = Program {
        name: SANDBOX,
        child,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        form: Form::Protocol,
    };
    program.address = listening(lines)?;
    let text = std::fs::read_to_string(variables)?;
    let variables: HashMap<&str, &str> = text
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name, value.trim_matches('\'')))
        .collect();
    let project = Project::new(|name| {
        variables
            .get(name)
            .copied()
            .with_context(|| format!("the sandbox wrote no {name}"))
    })?;
    Ok((program, project))
}

/// Where a program says that it listens.
fn listening(lines: impl Iterator<Item = std::io::Result<String>>) -> Result<SocketAddr> {
    for line in lines {
        if let Some(address) = line?.strip_prefix("listening on http://") {
            return Ok(address.parse()?);
        }
    }
    bail!("it did not start")
}

/// Builds the gateway and starts it before the sandbox.
pub(super) fn gateway(sandbox: &Program) -> Result<Program> {
    let built = Command::new(env!("CARGO"))
        .current_dir(at_root("."))
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "konaplate-cli",
        ])
        .status()?;
    ensure!(built.success(), "the gateway cannot be built");
    let text = std::fs::read_to_string(at_root(TOOLS).join("sandbox.env"))?;
    let mut child = Command::new(std::env::current_exe()?.with_file_name("konaplate"))
        .args(["gateway", "--listen", "127.0.0.1:0", "--upstream"])
        .arg(format!("http://{}", sandbox.address))
        .envs(text.lines().filter_map(|line| line.split_once('=')))
        .env("RUST_LOG", "warn")
        .env("NO_PROXY", "127.0.0.1")
        .stdout(Stdio::piped())
        .spawn()
        .context("the gateway cannot be started")?;
    let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
    let mut program = Program {
        name: "gateway",
        child,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        form: Form::Plain,
    };
    program.address = listening(lines)?;
    Ok(program)
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
    up(Program {
        name: "nginx",
        child,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        form: Form::Protocol,
    })
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
    up(Program {
        name: "Prism",
        child,
        address: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        form: Form::Protocol,
    })
}

/// The program, once it takes connections.
fn up(mut program: Program) -> Result<Program> {
    let begun = Instant::now();
    while TcpStream::connect(program.address).is_err() {
        let name = program.name;
        if let Some(status) = program.child.try_wait()? {
            bail!("{name} ended: {status}");
        }
        ensure!(begun.elapsed() < PATIENCE, "{name} did not start");
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(program)
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
