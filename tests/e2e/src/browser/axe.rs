//! What axe-core finds.

use std::path::PathBuf;

use super::Browser;
use crate::root;

impl Browser {
    /// Runs axe-core on the whole page, the open shadow roots included.
    pub async fn violations(&self) -> Vec<String> {
        let axe =
            std::env::var_os("ITSM_AXE").map_or_else(|| root().join("node_modules/axe-core/axe.min.js"), PathBuf::from);
        let source = std::fs::read_to_string(&axe).expect("axe-core: cargo xtask test sets it up");
        self.run(&format!("if (!window.axe) {{ {source}; window.axe = axe }}")).await;
        let script = "const done = arguments[arguments.length - 1];
        axe.run(document, { resultTypes: ['violations'] }).then((found) => done(found.violations.map((violation) =>
            violation.id + ': ' + violation.nodes.map((node) => node.target.flat().join(' ') + ' ' + (node.any[0]?.message ?? node.failureSummary)).join('; '))), (error) => done([String(error)]))";
        let found = self.client().execute_async(script, vec![]).await.expect("axe runs");
        found
            .as_array()
            .into_iter()
            .flatten()
            .map(|violation| violation.as_str().unwrap_or_default().to_owned())
            .collect()
    }
}
