//! The programs on the pages run, as they are printed, and send the bytes that they show.
//!
//! `KONAPLATE_PROGRAM` is the program `konaplate` (default: `target/debug/konaplate`). A language whose tools are not found is
//! left out, and is named; where the variable `CI` is set, that is a failure.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use konaplate_portal::Site;
use konaplate_spec::Spec;

const LANGUAGES: [&str; 7] = [
    "curl",
    "typescript",
    "python",
    "java",
    "go",
    "kotlin",
    "rust",
];

/// Bodies that literals can trip over: the first is JSON, as all that are sent should be.
const HARD: [&str; 3] = [
    r#"{"a": "it's $HOME ${HOME} `id` $(id) %d \"\"\"\"\"\" \\ \n \u00e9 김코나", "b": "${'$'}"}"#,
    "  {\n\t\"a\": 1,   \n\n   \n  \"b\": \"x\"\r\n}\r \\\"\"\"",
    "\n`\u{3000}\n'",
];

/// A program of a page, with its body apart.
#[derive(Debug, Clone)]
struct Program {
    before: String,
    body: String,
    after: String,
}

impl Program {
    /// The one of a language on the page of an operation.
    fn of(site: &Site<'_>, operation: &str, language: &str) -> Self {
        let page = site.file(&format!("en/operations/{operation}/")).unwrap();
        let html = String::from_utf8(page.body).unwrap();
        let start = format!("data-snippet=\"{language}\">");
        let (_, rest) = html.split_once(&start).unwrap();
        let (inside, _) = rest.split_once("</pre>").unwrap();
        let parts: Vec<_> = inside
            .split("</span>")
            .filter_map(|part| Some(unescaped(part.split_once('>')?.1)))
            .collect();
        let [before, body, after] = parts.try_into().unwrap();
        Self {
            before,
            body,
            after,
        }
    }

    fn with(&self, body: &str) -> Self {
        Self {
            body: body.to_owned(),
            ..self.clone()
        }
    }

    fn text(&self) -> String {
        format!("{}{}{}", self.before, self.body, self.after)
    }
}

fn unescaped(text: &str) -> String {
    [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&amp;", "&"),
    ]
    .into_iter()
    .fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// What the page's script makes of bodies, by language; none without node.
fn quoted(bodies: &[&str]) -> Option<BTreeMap<String, Vec<String>>> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/snippets.js");
    let program = format!(
        "const {{ quote }} = await import({});
         const all = Object.entries(quote).map(([id, of]) => [id, {}.map(text => of(text))]);
         console.log(JSON.stringify(Object.fromEntries(all)));",
        serde_json::json!(format!("file://{script}")),
        serde_json::json!(bodies),
    );
    let mut node = Command::new("node");
    node.args(["--input-type=module", "--eval", &program]);
    let output = node.output().ok()?;
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// Runs a command, for so many seconds at most. What it prints, or why there is nothing.
fn output(command: &mut Command, seconds: u64) -> Result<String, String> {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| error.to_string())?;
    let read = |mut from: Box<dyn std::io::Read + Send>| {
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = from.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    };
    let out = read(Box::new(child.stdout.take().unwrap()));
    let error = read(Box::new(child.stderr.take().unwrap()));
    let end = Instant::now() + Duration::from_secs(seconds);
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if Instant::now() > end => {
                child.kill().unwrap();
                child.wait().unwrap();
                return Err(format!("not ended after {seconds} s"));
            }
            None => thread::sleep(Duration::from_millis(20)),
        }
    };
    let (out, error) = (out.join().unwrap(), error.join().unwrap());
    if status.success() {
        Ok(out)
    } else {
        Err(format!("{status}\n{out}\n{error}"))
    }
}

/// Whether a tool is there.
fn is_there(tool: &str, argument: &str) -> bool {
    let mut command = Command::new(tool);
    let command = command.arg(argument);
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// Says that a language is left out, which on CI is a failure.
fn skipped(language: &str, why: &str) {
    assert!(std::env::var_os("CI").is_none(), "{language}: {why}");
    eprintln!("{language}: skipped, {why}");
}

/// A folder below the target folder, empty.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("snippets")
        .join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Programs that are compiled where they have to be, ready to run.
enum Ready {
    Commands(Vec<Command>),
    Skipped(String),
}

/// The commands that run programs of a language.
fn ready(folder: &Path, language: &str, programs: &[Program]) -> Ready {
    let file = |index: usize, name: &str, text: &str| {
        let path = folder.join(index.to_string()).join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let (tool, argument, name, arguments): (_, _, _, &[&str]) = match language {
        "curl" => ("curl", "--version", "call.sh", &[]),
        "typescript" => ("node", "--version", "call.mjs", &[]),
        "python" => ("python3", "--version", "call.py", &[]),
        "java" => ("java", "--version", "Call.java", &["-Dfile.encoding=UTF-8"]),
        "go" => ("go", "version", "call.go", &["run"]),
        "kotlin" => return kotlin(folder, programs),
        _ => return rust(folder, programs),
    };
    if !is_there(tool, argument) {
        return Ready::Skipped(format!("there is no {tool}"));
    }
    let tool = if tool == "curl" { "sh" } else { tool };
    let texts = programs.iter().map(Program::text).enumerate();
    let commands = texts.map(|(index, text)| {
        let mut command = Command::new(tool);
        command.args(arguments).arg(file(index, name, &text));
        command
    });
    Ready::Commands(commands.collect())
}

/// Kotlin programs, compiled by Maven's plugin with what the local repository has.
fn kotlin(folder: &Path, programs: &[Program]) -> Ready {
    const VERSION: &str = "2.4.21";
    let home = std::env::var("HOME").unwrap_or_default();
    let library = format!(
        "{home}/.m2/repository/org/jetbrains/kotlin/kotlin-stdlib/{VERSION}/kotlin-stdlib-{VERSION}.jar"
    );
    if !is_there("mvn", "--version") || !Path::new(&library).exists() {
        return Ready::Skipped(format!("there is no Maven with Kotlin {VERSION}"));
    }
    let pom = format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\"><modelVersion>4.0.0</modelVersion>
         <groupId>example</groupId><artifactId>call</artifactId><version>1</version>
         <properties><project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
         <kotlin.compiler.jvmTarget>17</kotlin.compiler.jvmTarget></properties>
         <dependencies><dependency><groupId>org.jetbrains.kotlin</groupId><artifactId>kotlin-stdlib</artifactId>
         <version>{VERSION}</version></dependency></dependencies>
         <build><sourceDirectory>src</sourceDirectory><plugins><plugin><groupId>org.jetbrains.kotlin</groupId>
         <artifactId>kotlin-maven-plugin</artifactId><version>{VERSION}</version>
         <executions><execution><goals><goal>compile</goal></goals></execution></executions>
         </plugin></plugins></build></project>"
    );
    fs::write(folder.join("pom.xml"), pom).unwrap();
    fs::create_dir(folder.join("src")).unwrap();
    for (index, program) in programs.iter().enumerate() {
        // Each in a package of its own: all have the same function.
        let text = format!("package call{index}\n{}", program.text());
        fs::write(folder.join(format!("src/Call{index}.kt")), text).unwrap();
    }
    let mut maven = Command::new("mvn");
    maven.args(["--quiet", "--batch-mode", "--offline"]).args([
        "-Dkotlin.compiler.daemon=false",
        "org.jetbrains.kotlin:kotlin-maven-plugin:2.4.21:compile",
    ]);
    output(maven.current_dir(folder), 300).unwrap_or_else(|error| panic!("kotlin: {error}"));
    let path = format!("{}:{library}", folder.join("target/classes").display());
    let commands = (0..programs.len()).map(|index| {
        let mut java = Command::new("java");
        java.args(["-Dfile.encoding=UTF-8", "-cp", &path]);
        java.arg(format!("call{index}.Call{index}Kt"));
        java
    });
    Ready::Commands(commands.collect())
}

/// Rust programs, with the crate of this workspace.
fn rust(folder: &Path, programs: &[Program]) -> Ready {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let manifest = format!(
        "[package]\nname = \"call\"\nversion = \"0.0.0\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n\
         konaplate = {{ path = {:?} }}\nserde_json = \"1\"\n\
         tokio = {{ version = \"1\", features = [\"macros\", \"rt-multi-thread\"] }}\n",
        workspace.display().to_string()
    );
    fs::write(folder.join("Cargo.toml"), manifest).unwrap();
    fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
    fs::create_dir_all(folder.join("src/bin")).unwrap();
    for (index, program) in programs.iter().enumerate() {
        fs::write(
            folder.join(format!("src/bin/call{index}.rs")),
            program.text(),
        )
        .unwrap();
    }
    // Beside the folder, so that it is kept.
    let target = folder.with_file_name("rust-target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--offline", "--target-dir"]);
    let built = output(cargo.arg(&target).current_dir(folder), 1200);
    built.unwrap_or_else(|error| panic!("rust: {error}"));
    let commands =
        (0..programs.len()).map(|index| Command::new(target.join(format!("debug/call{index}"))));
    Ready::Commands(commands.collect())
}

/// A server that keeps the bodies that it gets.
fn keeper() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let bodies = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&bodies);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            kept.lock().unwrap().push(body(stream));
        }
    });
    (address, bodies)
}

fn body(stream: TcpStream) -> String {
    let mut reader = BufReader::new(&stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        if line.trim_end().is_empty() {
            break;
        }
        let line = line.to_ascii_lowercase();
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().unwrap();
        }
    }
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes).unwrap();
    let response = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nkept";
    (&stream).write_all(response.as_bytes()).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// A program of this project that listens, and what it printed before it did.
struct Server {
    child: Child,
    lines: Vec<String>,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let program = std::env::var("KONAPLATE_PROGRAM").unwrap_or_else(|_| {
            concat!(env!("CARGO_MANIFEST_DIR"), "/../target/debug/konaplate").to_owned()
        });
        let mut command = Command::new(program);
        command.args(arguments).args(["--listen", "127.0.0.1:0"]);
        // Not a line of log a request.
        let command = command.env("RUST_LOG", "error");
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = Vec::new();
        for line in BufReader::new(child.stdout.take().unwrap()).lines() {
            lines.push(line.unwrap());
            if lines.last().unwrap().starts_with("listening on ") {
                break;
            }
        }
        Self { child, lines }
    }

    fn address(&self) -> &str {
        let last = self.lines.last().unwrap();
        last.strip_prefix("listening on ").unwrap()
    }

    /// The variables that it printed.
    fn variables(&self) -> impl Iterator<Item = (&str, &str)> {
        let lines = self.lines.iter();
        lines.filter_map(|line| {
            line.split_once('=')
                .filter(|(name, _)| name.starts_with("KONAPLATE_"))
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
#[ignore = "needs the program konaplate, and the tools of other languages"]
fn every_program_calls_the_gateway_and_says_what_a_failure_proves() {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    let site = Site::of_files(&spec);
    let gateway = Server::start(&["gateway", "--sandbox"]);
    let sandbox = Server::start(&["sandbox"]);
    let wrong = quoted(&[r#"{"userId": 19999999999}"#]);
    for language in LANGUAGES {
        let mut programs: Vec<_> = ["issue_one_time_token", "get_member"]
            .map(|operation| Program::of(&site, operation, language))
            .into();
        if let Some(literals) = &wrong {
            programs.push(programs[1].with(&literals[language][0]));
        }
        let commands = match ready(&folder(&format!("calls/{language}")), language, &programs) {
            Ready::Commands(commands) => commands,
            Ready::Skipped(why) => {
                skipped(language, &why);
                continue;
            }
        };
        for (index, mut command) in commands.into_iter().enumerate() {
            command.env("KONAPLATE_GATEWAY", gateway.address());
            command.envs(sandbox.variables());
            let printed = output(&mut command, 120);
            let printed = printed.unwrap_or_else(|error| panic!("{language} {index}: {error}"));
            if index < 2 {
                assert!(printed.contains("000_000"), "{language}: {printed}");
                let start = match language {
                    "curl" => "HTTP/1.1 200",
                    "rust" => "{",
                    // What the quick start says.
                    _ => "200 {\"response\":{\"code\":\"000_000\",\"description\":\"Success",
                };
                assert!(printed.starts_with(start), "{language}: {printed}");
            } else {
                let delivery = printed.to_ascii_lowercase();
                assert!(delivery.contains("delivery: "), "{language}: {printed}");
                assert!(
                    printed.contains("400") || language == "rust",
                    "{language}: {printed}"
                );
            }
        }
        eprintln!("{language}: {} programs ran", programs.len());
    }
}

#[test]
#[ignore = "needs the tools of other languages"]
fn every_program_sends_the_bytes_of_its_body() {
    let spec = Spec::from_yaml(konaplate::DESCRIPTION).unwrap();
    let site = Site::of_files(&spec);
    let Some(literals) = quoted(&HARD) else {
        eprintln!("skipped: there is no node, which edits the programs");
        return;
    };
    let example = spec.operation("get_member").unwrap().request.examples[0]
        .json
        .trim_end();
    let mut bodies = vec![example];
    bodies.extend(HARD);
    let (address, kept) = keeper();
    for language in LANGUAGES {
        let own = Program::of(&site, "get_member", language);
        let edited = literals[language].iter().map(|literal| own.with(literal));
        let programs: Vec<_> = [own.clone()].into_iter().chain(edited).collect();
        if language == "rust" {
            // Its client sends its own form of the JSON: here the literal alone is printed.
            let folder = folder("bytes/rust");
            for (program, body) in programs.iter().zip(&bodies) {
                let text = format!("fn main() {{ print!(\"{{}}\", {}); }}", program.body);
                fs::write(folder.join("literal.rs"), text).unwrap();
                let mut rustc = Command::new("rustc");
                rustc
                    .current_dir(&folder)
                    .args(["--edition=2024", "literal.rs"]);
                output(&mut rustc, 120).unwrap();
                let printed = output(&mut Command::new(folder.join("literal")), 60).unwrap();
                assert_eq!(&printed, body);
            }
            eprintln!("{language}: {} literals are right", programs.len());
            continue;
        }
        let commands = match ready(&folder(&format!("bytes/{language}")), language, &programs) {
            Ready::Commands(commands) => commands,
            Ready::Skipped(why) => {
                skipped(language, &why);
                continue;
            }
        };
        for (mut command, body) in commands.into_iter().zip(&bodies) {
            kept.lock().unwrap().clear();
            let printed = output(command.env("KONAPLATE_GATEWAY", &address), 120);
            let printed = printed.unwrap_or_else(|error| panic!("{language}: {error}"));
            assert!(printed.contains("kept"), "{language}: {printed}");
            assert_eq!(*kept.lock().unwrap(), [*body], "{language}");
        }
        eprintln!("{language}: {} bodies came as they are", programs.len());
    }
}
