//! Which program is meant, and how cargo is told to build it.
//!
//! Cargo knows the programs and examples of a package. If the reader's file is one of them, it is built
//! as such, with all that its package depends on. Any other file gets a package of its own, made for the
//! purpose below the target folder, which depends on the crates of this repository.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The repository in which the stepper was built: the stepper's package is its folder `examples`.
fn repository() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// What cargo is to build.
#[derive(Debug)]
pub(crate) struct Target {
    /// The package's `Cargo.toml`.
    pub(crate) manifest: PathBuf,
    /// The folder in which that lies.
    pub(crate) folder: PathBuf,
    pub(crate) package: String,
    /// `--bin` or `--example`.
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    /// The feature that makes the runtime able to record, if the package depends on the runtime itself.
    pub(crate) feature: Option<String>,
    /// The file with its `main`.
    pub(crate) file: PathBuf,
    /// The package was made here.
    pub(crate) is_made: bool,
}

impl Target {
    /// What the reader calls it.
    pub(crate) fn title(&self) -> String {
        let file = self.file.file_name().unwrap_or_default();
        match self.is_made {
            true => file.to_string_lossy().into_owned(),
            false => self.name.clone(),
        }
    }

    /// The folders below which its sources may lie.
    pub(crate) fn roots(&self) -> Vec<PathBuf> {
        self.folder.ancestors().map(Path::to_owned).collect()
    }
}

/// The program in a file.
pub(crate) fn of_file(path: &Path) -> io::Result<Target> {
    let file = path.canonicalize().map_err(|error| {
        let problem = format!("there is no program in {}: {error}", path.display());
        io::Error::new(error.kind(), problem)
    })?;
    let folder = file.parent().unwrap_or(Path::new("/"));
    let known = targets(folder)
        .into_iter()
        .find(|target| target.file == file);
    known.map_or_else(|| make(&file), Ok)
}

/// The example of this name, in the package or workspace in which the reader is.
pub(crate) fn example(name: &str) -> Option<Target> {
    let folder = env::current_dir().ok()?;
    let mut targets = targets(&folder).into_iter();
    targets.find(|target| target.kind == "--example" && target.name == name)
}

/// Where packages and recordings are made: below the target folder in which the stepper lies.
pub(crate) fn workshop() -> io::Result<PathBuf> {
    let folder = target_folder()?.join("stepper");
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

/// The stepper is `target/debug/examples/stepper`.
pub(crate) fn target_folder() -> io::Result<PathBuf> {
    let me = env::current_exe()?;
    let target = me.ancestors().nth(3).map(Path::to_owned);
    target.ok_or_else(|| io::Error::other("the stepper lies in no target folder of cargo's"))
}

/// The programs and examples of the workspace to which a folder belongs; none, if it belongs to none.
fn targets(folder: &Path) -> Vec<Target> {
    let mut cargo = cargo();
    cargo.args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--offline",
    ]);
    let said = cargo.current_dir(folder).output();
    let said = said.ok().filter(|output| output.status.success());
    let metadata = said.and_then(|output| serde_json::from_slice::<Value>(&output.stdout).ok());
    let packages = metadata.iter().flat_map(|all| list(&all["packages"]));
    packages.flat_map(of_package).collect()
}

fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn of_package(package: &Value) -> Vec<Target> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let manifest = PathBuf::from(text(&package["manifest_path"]));
    let runtime = list(&package["dependencies"]).find(|needs| needs["name"] == "runtime");
    let feature = runtime.map(|needs| {
        let name = needs["rename"].as_str().unwrap_or("runtime");
        format!("{name}/serde")
    });
    let target = |target: &Value| {
        let is = |kind: &str| list(&target["kind"]).any(|it| it == kind);
        let kind = match () {
            () if is("example") => "--example",
            () if is("bin") => "--bin",
            () => return None,
        };
        Some(Target {
            folder: manifest.parent()?.to_owned(),
            manifest: manifest.clone(),
            package: text(&package["name"]),
            kind,
            name: text(&target["name"]),
            feature: feature.clone(),
            file: PathBuf::from(text(&target["src_path"])),
            is_made: false,
        })
    };
    list(&package["targets"]).filter_map(target).collect()
}

/// A package for a file that belongs to none. It has the versions of this repository.
fn make(file: &Path) -> io::Result<Target> {
    let name = name_of(file);
    let text = fs::read_to_string(file)?;
    let number = runtime::trace::source_hash(file.to_string_lossy().as_bytes());
    let folder = workshop()?.join(format!("{name}-{number:016x}"));
    fs::create_dir_all(&folder)?;
    let manifest = folder.join("Cargo.toml");
    let server = match text.contains("server::") {
        true => format!(
            "server = {{ path = {:?}, default-features = false, features = [\"macros\"] }}",
            repository().join("server")
        ),
        false => String::new(),
    };
    let wanted = format!(
        "# Made by the stepper, for one file.\n\
         [package]\nname = {name:?}\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [workspace]\n\n[[bin]]\nname = {name:?}\npath = {file:?}\n\n[dependencies]\n\
         runtime = {{ path = {:?}, features = [\"macros\", \"serde\"] }}\n{server}\n",
        repository().join("runtime")
    );
    // Written again, it would be built again.
    if fs::read_to_string(&manifest).ok().as_ref() != Some(&wanted) {
        fs::write(&manifest, wanted)?;
        fs::copy(repository().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    }
    Ok(Target {
        manifest,
        folder,
        package: name.clone(),
        kind: "--bin",
        name,
        feature: None,
        file: file.to_owned(),
        is_made: true,
    })
}

/// A name for the package: the file's, as far as cargo takes it.
fn name_of(file: &Path) -> String {
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    let plain = |sign: char| match sign.is_ascii_alphanumeric() {
        true => sign.to_ascii_lowercase(),
        false => '_',
    };
    // `runtime` and `server` are taken, and a name begins with a letter.
    format!("my_{}", stem.chars().map(plain).collect::<String>())
}

/// The cargo that runs the stepper, if one does.
pub(crate) fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
