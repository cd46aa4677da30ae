//! The React example, built from the package as it would be published, its types checked.

use std::path::{Path, PathBuf};

use crate::error::TaskError;
use crate::process::{output, program, root};
use crate::setup::npm;

/// Packs `dist`, installs it into the example, checks the example's types and builds it; gives the folder that was built.
pub(crate) fn build() -> Result<PathBuf, TaskError> {
    let example = root().join("examples/react");
    // Beside the example's own packages, so that they are found from there.
    let app = npm::packages(&example)?.join("app");
    if app.exists() {
        std::fs::remove_dir_all(&app).map_err(TaskError::file(&app))?;
    }
    copy(&example, &app)?;
    let package = app.join("node_modules/itsm-widgets");
    std::fs::create_dir_all(&package).map_err(TaskError::file(&package))?;
    let pack = output(
        program("npm").current_dir(root().join("dist")).args(["pack", "--silent", "--pack-destination"]).arg(&app),
    )?;
    let archive = app.join(pack.trim());
    output(program("tar").arg("-xzf").arg(&archive).args(["--strip-components", "1", "-C"]).arg(&package))?;
    output(program("node").current_dir(&app).arg("assets.js"))?;
    let tools = app.parent().unwrap_or(&app).join("node_modules/.bin");
    output(program(tools.join("tsc")).current_dir(&app).arg("--noEmit"))?;
    let built = root().join("target/react");
    output(program(tools.join("vite")).current_dir(&app).args(["build", "--emptyOutDir", "--outDir"]).arg(&built))?;
    Ok(built)
}

fn copy(from: &Path, to: &Path) -> Result<(), TaskError> {
    std::fs::create_dir_all(to).map_err(TaskError::file(to))?;
    for entry in std::fs::read_dir(from).map_err(TaskError::file(from))?.flatten() {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            // What somebody has built there by hand is not the example.
            if !["node_modules", "public", "dist"].iter().any(|left| path.ends_with(left)) {
                copy(&path, &target)?;
            }
        } else {
            std::fs::copy(&path, &target).map_err(TaskError::file(&path))?;
        }
    }
    Ok(())
}
