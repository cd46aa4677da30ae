//! One scenario, all engines.

/// Makes a test of each scenario in each engine. What an engine cannot run is a test of its name too, which is ignored and
/// says why.
#[macro_export]
macro_rules! in_every_engine {
    ($($scenario:ident $(, not in WebKit: $why:literal)?;)*) => {$(
        mod $scenario {
            #[tokio::test]
            async fn chromium() {
                super::$scenario($crate::Engine::Chromium).await;
            }

            #[tokio::test]
            async fn firefox() {
                super::$scenario($crate::Engine::Firefox).await;
            }

            $crate::in_every_engine!(@webkit $scenario $($why)?);
        }
    )*};
    (@webkit $scenario:ident) => {
        #[tokio::test]
        async fn webkit() {
            super::$scenario($crate::Engine::WebKit).await;
        }
    };
    (@webkit $scenario:ident $why:literal) => {
        #[test]
        #[ignore = $why]
        fn webkit() {}
    };
}
