//! The program's logo as a texture.

use egui::{ColorImage, Context, TextureFilter, TextureHandle, TextureOptions};

const LOGO: &[u8] = include_bytes!("../../../assets/logo/logo.png");

/// Loads the logo, smoothed for being shown smaller than it is. `None` if it cannot be
/// decoded, which leaves a place without a picture and nothing worse.
pub fn logo(ctx: &Context) -> Option<TextureHandle> {
    let image = image::load_from_memory(LOGO).ok()?.into_rgba8();
    let size = [image.width() as usize, image.height() as usize];
    let pixels = ColorImage::from_rgba_unmultiplied(size, image.as_raw());
    let mipmaps = Some(TextureFilter::Linear);
    let options = TextureOptions { mipmap_mode: mipmaps, ..TextureOptions::LINEAR };
    Some(ctx.load_texture("logo", pixels, options))
}
