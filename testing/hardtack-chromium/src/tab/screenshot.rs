use std::collections::HashMap;
use std::io::Cursor;
use std::path::Path;
use std::{fmt, fs, io};

use png::{Decoder, Transformations};
use serde_json::{Value, json};

use crate::error::Error;
use crate::tab::page::Page;

/// A picture of a page, as a PNG file.
#[derive(Clone, PartialEq, Eq)]
pub struct Screenshot {
    png: Vec<u8>,
}

/// The step between the pixels that are examined. No picture's width is a multiple of the step, so the sampled columns
/// vary from row to row.
const SAMPLE_STEP: usize = 17;

/// Statistics about the colors in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct PixelCounts {
    /// The number of different colors.
    colors: usize,
    /// The number of pixels per thousand that do not have the most frequent color.
    foreground: usize,
}

impl PixelCounts {
    /// Returns whether the page appears blank. A page with text has many colors, because the edges of its letters are
    /// smoothed.
    fn is_blank(self) -> bool {
        self.colors < 8 || self.foreground < 3
    }
}

impl Screenshot {
    /// Returns the bytes of the PNG file.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.png
    }

    /// Returns whether the picture is practically empty.
    ///
    /// # Errors
    ///
    /// Fails if the file is not a valid picture.
    pub fn is_blank(&self) -> Result<bool, Error> {
        Ok(self.pixel_counts()?.is_blank())
    }

    /// Writes the picture to a file.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        fs::write(path, &self.png)
    }

    fn pixel_counts(&self) -> Result<PixelCounts, Error> {
        let unreadable = |error: png::DecodingError| Error::unreadable("the screenshot", error);
        let mut decoder = Decoder::new(Cursor::new(&self.png));
        decoder.set_transformations(Transformations::normalize_to_color8() | Transformations::ALPHA);
        let mut reader = decoder.read_info().map_err(unreadable)?;
        let room = reader.output_buffer_size().ok_or_else(|| Error::page("the screenshot is too large"))?;
        let mut pixels = vec![0; room];
        let frame = reader.next_frame(&mut pixels).map_err(unreadable)?;
        let mut colors: HashMap<&[u8], usize> = HashMap::new();
        let pixels = pixels[..frame.buffer_size()].chunks_exact(frame.color_type.samples());
        for pixel in pixels.step_by(SAMPLE_STEP) {
            *colors.entry(pixel).or_default() += 1;
        }
        let all: usize = colors.values().sum();
        let most = colors.values().max().copied().unwrap_or_default();
        Ok(PixelCounts { colors: colors.len(), foreground: (all - most) * 1000 / all.max(1) })
    }
}

impl Page {
    /// Takes a picture of the whole page, including the part below the window's edge.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn screenshot(&self) -> Result<Screenshot, Error> {
        // After scrolling to the top, elements fixed to the window's edge appear at the page's edge.
        self.evaluate::<()>("(window.scrollTo({ top: 0, behavior: 'instant' }), null)").await?;
        let metrics = self.call("Page.getLayoutMetrics", json!({})).await?;
        let size = |key: &str| metrics["cssContentSize"][key].as_f64().unwrap_or_default();
        let clip = json!({ "x": 0, "y": 0, "width": size("width"), "height": size("height"), "scale": 1 });
        // With `optimizeForSpeed`, the files are larger, but are written in a fraction of the time.
        let params = json!({ "captureBeyondViewport": true, "clip": clip, "optimizeForSpeed": true });
        self.capture(params).await
    }

    /// Takes a picture of the part of the page that the window shows.
    ///
    /// # Errors
    ///
    /// Fails if the browser has exited.
    pub async fn window(&self) -> Result<Screenshot, Error> {
        self.capture(json!({})).await
    }

    async fn capture(&self, mut params: Value) -> Result<Screenshot, Error> {
        params["format"] = "png".into();
        let answer = self.call("Page.captureScreenshot", params).await?;
        let data = answer["data"].as_str().unwrap_or_default();
        let png = base64_simd::STANDARD
            .decode_to_vec(data)
            .map_err(|error| Error::unreadable("the screenshot", error.to_string()))?;
        Ok(Screenshot { png })
    }
}

impl fmt::Debug for Screenshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Screenshot").field("bytes", &self.png.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn capture(pixel: impl Fn(u32, u32) -> [u8; 3]) -> Screenshot {
        let mut png = Vec::new();
        let mut encoder = png::Encoder::new(&mut png, 100, 100);
        encoder.set_color(png::ColorType::Rgb);
        let pixels: Vec<u8> =
            (0..100).flat_map(|y| (0..100).map(move |x| (x, y))).flat_map(|(x, y)| pixel(x, y)).collect();
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&pixels).unwrap();
        writer.finish().unwrap();
        Screenshot { png }
    }

    #[test]
    fn a_picture_without_content_is_blank() {
        assert!(capture(|_, _| [255; 3]).is_blank().unwrap());
        assert!(capture(|x, _| if x < 50 { [0; 3] } else { [255; 3] }).is_blank().unwrap());
        assert!(capture(|x, y| if y == 0 && x < 50 { [x as u8; 3] } else { [255; 3] }).is_blank().unwrap());
        assert!(!capture(|x, y| if y < 10 { [x as u8; 3] } else { [255; 3] }).is_blank().unwrap());
    }

    #[test]
    fn an_invalid_picture_is_an_error() {
        assert!(Screenshot { png: b"not a picture".to_vec() }.is_blank().is_err());
    }
}
