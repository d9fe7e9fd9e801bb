use std::path::{Path, PathBuf};
use std::{env, fs};

use hardtack_chromium::{Scripts, Theme, Viewport};
use tour::Backend;

use super::sweep::{after_use, appearances, for_each_page};
use crate::fixture::{Tour, Visitor};
use crate::inspector::states::{STATES, backend_of, visitor_in_state};

mod chromium {
    use super::*;

    /// Takes the picture of the tour for the README: `docs/tour.png`.
    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_readme_has_its_picture() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        visitor.page.set_viewport(Viewport::DESKTOP).await.unwrap();
        visitor.page.set_theme(Theme::Light).await.unwrap();
        visitor.open("/handle-form-cookie").await;
        visitor.page.fill("#fav_color", "dark blue").await.unwrap();
        visitor.page.follow(".action button").await.unwrap();
        let picture = visitor.page.window().await.unwrap();
        picture.save(&folder().join("tour.png")).unwrap();
        assert!(!picture.is_blank().unwrap());
    }

    /// Takes the picture of the inspector for the README: `docs/inspector.png`.
    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn the_readme_has_its_picture_of_the_inspector() {
        let tour = Tour::start(Backend::Stored);
        let visitor = Visitor::new(&tour, Scripts::On).await;
        visitor.page.set_viewport(Viewport::DESKTOP).await.unwrap();
        visitor.page.set_theme(Theme::Light).await.unwrap();
        visitor.open("/some-route").await;
        visitor.open("/login").await;
        visitor.log_in("jane", "secret123").await;
        visitor.open("/limits").await;
        visitor.follow(".action button.quiet[value='4097']", "/limits?sent=4097").await;
        visitor.open("/inspect").await;
        visitor.page.until("document.querySelector('.lamp.live')").await.unwrap();
        let login = "[...document.querySelectorAll(\".turn[data-path='/login']\")]
            .find((turn) => turn.innerText.includes('POST')).querySelector('.start').click()";
        visitor.page.evaluate::<()>(&format!("({login}, null)")).await.unwrap();
        visitor
            .page
            .until("document.querySelector('.chosen')?.innerText.includes('_user_id')")
            .await
            .unwrap();
        let picture = visitor.page.window().await.unwrap();
        picture.save(&folder().join("inspector.png")).unwrap();
        assert!(!picture.is_blank().unwrap());
    }

    /// The pictures are written to the folder in `HARDTACK_PICTURES`, which `./test --pictures FOLDER` sets.
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn every_page_fits_the_window_and_no_picture_is_blank() {
        let folder = folder();
        let taken = for_each_page(|path| pictures(path, folder.clone())).await;
        none_is_blank(taken.iter().flatten());
        println!(
            "summary: pictures: {} of {} pages, none blank, in {}",
            taken.iter().map(Vec::len).sum::<usize>(),
            taken.len(),
            folder.display()
        );
    }

    #[tokio::test]
    #[ignore = "needs Chromium, which ./test installs"]
    async fn every_state_of_the_inspector_has_its_pictures() {
        let folder = folder();
        let mut taken = 0;
        for (state, act) in STATES {
            let tour = Tour::start(backend_of(state));
            let visitor = visitor_in_state(&tour, *act).await;
            let pictures =
                in_all_looks(&visitor, &format!("inspector-{state}"), &folder).await;
            none_is_blank(&pictures);
            taken += pictures.len();
            tour.assert_no_errors();
        }
        println!(
            "summary: pictures: {taken} of the inspector in {} states, none blank",
            STATES.len()
        );
    }
}

/// A script that returns how far the page extends beyond the right edge of the window. Horizontal scrolling would make
/// the page hard to read.
const OVERHANG: &str =
    "document.documentElement.scrollWidth - document.documentElement.clientWidth";

fn folder() -> PathBuf {
    let folder = env::var_os("HARDTACK_PICTURES").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures"),
        PathBuf::from,
    );
    fs::create_dir_all(&folder).unwrap();
    folder
}

#[derive(Debug)]
struct Picture {
    file: PathBuf,
    is_blank: bool,
}

fn none_is_blank<'a>(pictures: impl IntoIterator<Item = &'a Picture>) {
    let is_blank = |picture: &&Picture| {
        picture.is_blank || fs::metadata(&picture.file).unwrap().len() == 0
    };
    let blank: Vec<_> = pictures.into_iter().filter(is_blank).collect();
    assert!(blank.is_empty(), "{blank:#?}");
}

async fn pictures(path: &'static str, folder: PathBuf) -> Vec<Picture> {
    let tour = Tour::start(Backend::Stored);
    let visitor = after_use(&tour, path).await;
    let name = match path.trim_start_matches('/') {
        "" => "index".to_owned(),
        path => path.replace('/', "-"),
    };
    let pictures = in_all_looks(&visitor, &name, &folder).await;
    tour.assert_no_errors();
    pictures
}

/// Takes screenshots in both window sizes and both themes.
async fn in_all_looks(visitor: &Visitor, name: &str, folder: &Path) -> Vec<Picture> {
    let mut pictures = Vec::new();
    for (viewport, theme) in appearances() {
        visitor.page.set_viewport(viewport).await.unwrap();
        visitor.page.set_theme(theme).await.unwrap();
        let overhang: i32 = visitor.page.evaluate(OVERHANG).await.unwrap();
        assert!(
            overhang <= 0,
            "{name} is {overhang} px wider than a {}",
            viewport.name
        );
        // If an overlay is open, the screenshot shows only the window, because the overlay does not cover the rest of
        // the page.
        let is_covered = visitor.page.has("dialog[open], .with-panel").await.unwrap();
        let screenshot = match is_covered {
            true => visitor.page.window().await.unwrap(),
            false => visitor.page.screenshot().await.unwrap(),
        };
        let file =
            folder.join(format!("{name}-{}-{}.png", viewport.name, theme.name()));
        screenshot.save(&file).unwrap();
        pictures.push(Picture { file, is_blank: screenshot.is_blank().unwrap() });
    }
    pictures
}
