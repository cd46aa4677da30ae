//! The React example, built by Vite from the package: properties, events and a method, as an application uses them.

use itsm_e2e::{Backend, Browser, Form, PageServer, Profile, root};

#[tokio::test]
async fn an_application_gives_answers_hears_the_number_and_sends() {
    let built = root().join("target/react");
    assert!(built.join("index.html").is_file(), "the example is not built: run cargo xtask test");
    let (pages, profile) = (PageServer::start(), Profile::new());
    pages.put_folder(&built);
    let backend = Backend::start(&["--allow-origin", &pages.origin()]).await;
    let browser = Browser::start(&profile).await;
    browser.open(&format!("{}/index.html?api={}", pages.origin(), backend.api())).await;
    let form = Form::ready(&browser).await;
    assert_eq!(form.value("email").await, "ada@desk.example");
    form.fill("what", "Sent from an application").await;
    let script =
        "return [...document.querySelectorAll('button')].find((button) => button.textContent.includes('Send from'))";
    browser.element("the application's button", script).await.click().await.expect("pressed");
    browser
        .until("the number", "return document.querySelector('[role=status]')?.textContent.includes('INC-000001')")
        .await;
    assert_eq!(backend.bodies().await[0]["answers"]["what"], "Sent from an application");
    assert_eq!(browser.complaints().await, [""; 0]);
}
