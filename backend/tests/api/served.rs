//! The folder of assets beside the API.

use super::*;

#[test]
fn pages_come_with_the_strict_policy_and_nothing_outside_the_folder_comes() {
    let folder = TempDir::new().expect("a folder");
    let assets = folder.path().join("dist");
    std::fs::create_dir_all(assets.join("portal")).expect("a folder");
    std::fs::write(assets.join("portal/index.html"), "<h1>Portal</h1>").expect("a file");
    std::fs::write(assets.join("itsm-core-0123456789abcdef.js"), "export {}").expect("a file");
    std::fs::write(folder.path().join("secret"), "secret").expect("a file");
    let api = Api::start_with(|settings| settings.assets = Some(assets));
    let get = |path: &str| api.agent.get(format!("http://{}{path}", api.address)).call().expect("an answer");
    let page = get("/portal/");
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"].to_str().expect("text");
    for part in ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "require-trusted-types-for 'script'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"));
    assert_eq!(page.headers()["cache-control"], "no-cache");
    assert!(
        get("/itsm-core-0123456789abcdef.js").headers()["cache-control"].to_str().expect("text").contains("immutable")
    );
    for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/portal/../../secret", "//secret"] {
        assert_ne!(get(path).status(), 200, "{path}");
    }
    assert_eq!(get("/api/v2/forms").headers()["content-type"], "application/problem+json");
    assert_eq!(get("/").status(), 200, "leads to the portal");
}
