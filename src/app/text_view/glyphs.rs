//! Drawn letters, kept in a texture of our own.
//!
//! egui's atlas is egui's; letters that parley has shaped are drawn here by swash, once
//! for each font, size and quarter of a pixel, and used as textured rectangles. Emoji
//! that fonts hold as pictures are scaled to the text's size. When the texture is full
//! it starts anew, larger if it may, and its generation counts up, so that whoever kept
//! a mesh knows to build it again. It does so once a pass at most: a view full of giant
//! letters must not begin for ever anew.

use super::layout::{Face, GlyphAt, TextLayout};
use egui::{Color32, ColorImage, Mesh, Pos2, Rect, TextureHandle, TextureOptions, Vec2};
use image::RgbaImage;
use image::imageops::{FilterType, resize};
use std::collections::HashMap;
use swash::FontRef;
use swash::scale::image::Content;
use swash::scale::{Render, ScaleContext, Scaler, Source, StrikeWith};
use swash::zeno::{Angle, Format, Transform, Vector};

const FIRST_SIZE: usize = 1024;
const LARGEST_SIZE: usize = 4096;
/// Letters are drawn at this many places between two pixels,
const STEPS: f32 = 4.0;
/// except for those larger than this, in pixels, where nobody could see the difference
/// and each would take a good part of the texture four times.
const STEPPED: f32 = 64.0;
/// The largest texture holds at least the square of this many letters of any size: larger
/// ones are drawn smaller and enlarged.
const ACROSS: f32 = 42.0;

/// A font at a size in pixels, with all that changes the look of its letters.
#[derive(PartialEq, Eq, Hash)]
struct FaceKey {
    font: u64,
    index: u32,
    size: u32,
    coords: Box<[i16]>,
    is_bold: bool,
    skew: u32,
}

/// A letter: its font among the known ones, and how far right of a whole pixel it is.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct GlyphKey {
    face: u32,
    glyph: u32,
    step: u8,
}

/// A drawn glyph: where it is in the texture, and its offset from the pen in pixels.
#[derive(Clone, Copy)]
struct Slot {
    uv: Rect,
    offset: Vec2,
    size: Vec2,
    is_colored: bool,
}

/// A picture of a glyph, and where its top left corner is from the pen in pixels.
struct Picture {
    pixels: ColorImage,
    offset: Vec2,
    is_colored: bool,
}

/// The texture with everything drawn so far.
pub(in crate::app) struct GlyphAtlas {
    texture: TextureHandle,
    side: usize,
    faces: HashMap<FaceKey, u32>,
    slots: HashMap<GlyphKey, Option<Slot>>,
    shelf: Shelf,
    generation: u64,
    /// The pass in which it was last made anew.
    renewed: u64,
    scaler: ScaleContext,
}

/// Where the next glyph goes: rows of glyphs, each as high as its highest.
#[derive(Default)]
struct Shelf {
    x: usize,
    y: usize,
    height: usize,
}

/// What all letters of a mesh have in common.
#[derive(Clone, Copy)]
struct Ink {
    color: Color32,
    /// Pixels a point.
    scale: f32,
    /// The largest size in pixels at which letters are drawn.
    largest: f32,
}

impl Ink {
    /// The size in pixels at which a font's letters are drawn.
    fn drawn_size(&self, face: &Face) -> f32 {
        (face.size * self.scale).min(self.largest)
    }
}

impl GlyphAtlas {
    pub(in crate::app) fn new(ctx: &egui::Context) -> Self {
        Self {
            texture: blank(ctx, FIRST_SIZE),
            side: FIRST_SIZE,
            faces: HashMap::new(),
            slots: HashMap::new(),
            shelf: Shelf::default(),
            generation: 0,
            renewed: u64::MAX,
            scaler: ScaleContext::new(),
        }
    }

    /// Counts up when meshes built before can no longer be drawn.
    pub(in crate::app) fn generation(&self) -> u64 {
        self.generation
    }

    /// The letters of a paragraph as one mesh relative to its top left corner, for a
    /// screen with `scale` pixels a point. The corner must be put on a whole pixel.
    pub(in crate::app) fn mesh(
        &mut self,
        ctx: &egui::Context,
        layout: &TextLayout,
        color: Color32,
        scale: f32,
    ) -> Mesh {
        let ink = Ink { color, scale, largest: largest_side(ctx) as f32 / ACROSS };
        let generation = self.generation;
        let mesh = self.build(ctx, layout, ink);
        // When the texture was renewed half-way, the first letters are gone from it.
        if generation == self.generation { mesh } else { self.build(ctx, layout, ink) }
    }

    /// One attempt at a mesh.
    fn build(&mut self, ctx: &egui::Context, layout: &TextLayout, ink: Ink) -> Mesh {
        let mut mesh = Mesh::with_texture(self.texture.id());
        for (face, glyphs) in layout.glyph_runs() {
            let known = self.face(face, ink.drawn_size(face));
            for glyph in glyphs {
                self.add(ctx, &mut mesh, (face, known), glyph, ink);
            }
        }
        mesh
    }

    /// The number of a font at a size in pixels.
    fn face(&mut self, face: &Face, size: f32) -> u32 {
        let key = FaceKey {
            font: face.font.data.id(),
            index: face.font.index,
            size: size.to_bits(),
            coords: face.coords.clone(),
            is_bold: face.is_bold,
            skew: face.skew.to_bits(),
        };
        let next = self.faces.len() as u32;
        *self.faces.entry(key).or_insert(next)
    }

    fn add(
        &mut self,
        ctx: &egui::Context,
        mesh: &mut Mesh,
        (face, known): (&Face, u32),
        glyph: &GlyphAt,
        ink: Ink,
    ) {
        let Ink { color, scale, .. } = ink;
        let pen = Vec2::new(glyph.x, glyph.y) * scale;
        let size = ink.drawn_size(face);
        let enlarged = face.size * scale / size;
        let steps = if size > STEPPED { 1.0 } else { STEPS };
        let stepped = (pen.x * steps).round() / steps;
        let step = (stepped.rem_euclid(1.0) * STEPS) as u8;
        let key = GlyphKey { face: known, glyph: glyph.id, step };
        let Some(slot) = self.slot(ctx, face, key, size) else { return };
        let whole = if slot.is_colored { pen.x.round() } else { stepped.floor() };
        let corner = Vec2::new(whole, pen.y.round()) + slot.offset * enlarged;
        let rect = Rect::from_min_size((corner / scale).to_pos2(), slot.size * enlarged / scale);
        let tint = if slot.is_colored { Color32::WHITE } else { color };
        mesh.add_rect_with_uv(rect, slot.uv, tint);
    }

    fn slot(&mut self, ctx: &egui::Context, face: &Face, key: GlyphKey, size: f32) -> Option<Slot> {
        if let Some(known) = self.slots.get(&key) {
            return *known;
        }
        // A picture in colours is put on whole pixels, so all steps share one.
        let whole = GlyphKey { step: 0, ..key };
        let shared = self.slots.get(&whole).copied().flatten().filter(|slot| slot.is_colored);
        let slot = shared.or_else(|| {
            let picture = draw(&mut self.scaler, face, key, size)?;
            if !picture.is_colored {
                return self.keep(ctx, picture);
            }
            let slot = draw(&mut self.scaler, face, whole, size);
            let slot = slot.and_then(|picture| self.keep(ctx, picture));
            self.slots.insert(whole, slot);
            slot
        });
        self.slots.insert(key, slot);
        slot
    }

    /// Copies a picture into the texture; `None` for one without pixels and for one that
    /// no texture holds.
    fn keep(&mut self, ctx: &egui::Context, picture: Picture) -> Option<Slot> {
        let [width, height] = picture.pixels.size;
        if width == 0 || height == 0 {
            return None;
        }
        let [x, y] = self.place(ctx, width, height)?;
        self.texture.set_partial([x, y], picture.pixels, TextureOptions::LINEAR);
        let side = self.side as f32;
        let corner = Pos2::new(x as f32, y as f32);
        let size = Vec2::new(width as f32, height as f32);
        let uv = Rect::from_min_max(
            Pos2::new(corner.x / side, corner.y / side),
            Pos2::new((corner.x + size.x) / side, (corner.y + size.y) / side),
        );
        Some(Slot { uv, offset: picture.offset, size, is_colored: picture.is_colored })
    }

    fn place(&mut self, ctx: &egui::Context, width: usize, height: usize) -> Option<[usize; 2]> {
        if self.shelf.x + width >= self.side {
            self.shelf = Shelf { x: 0, y: self.shelf.y + self.shelf.height + 1, height: 0 };
        }
        if self.shelf.y + height >= self.side || self.shelf.x + width >= self.side {
            let largest = largest_side(ctx);
            let pass = ctx.cumulative_pass_nr();
            if width.max(height) >= largest || (self.renewed == pass && self.side == largest) {
                return None;
            }
            self.renewed = pass;
            let wanted = (self.side * 2).max(width.max(height).next_power_of_two() * 2);
            self.renew(ctx, wanted.min(largest));
        }
        let place = [self.shelf.x, self.shelf.y];
        self.shelf.x += width + 1;
        self.shelf.height = self.shelf.height.max(height);
        Some(place)
    }

    fn renew(&mut self, ctx: &egui::Context, side: usize) {
        self.side = side;
        self.texture = blank(ctx, side);
        self.slots.clear();
        self.faces.clear();
        self.shelf = Shelf::default();
        self.generation += 1;
    }
}

/// The side of the largest texture that is made here, in pixels.
fn largest_side(ctx: &egui::Context) -> usize {
    LARGEST_SIZE.min(ctx.input(|input| input.max_texture_side))
}

fn blank(ctx: &egui::Context, side: usize) -> TextureHandle {
    let image = ColorImage::filled([side, side], Color32::TRANSPARENT);
    ctx.load_texture("text view letters", image, TextureOptions::LINEAR)
}

fn draw(context: &mut ScaleContext, face: &Face, key: GlyphKey, size: f32) -> Option<Picture> {
    let font = FontRef::from_index(face.font.data.data(), face.font.index as usize)?;
    let glyph = u16::try_from(key.glyph).ok()?;
    if let Some(strike) = font.color_strikes().find_by_largest_ppem(glyph) {
        // Without a size swash gives the font's own picture, unscaled.
        let mut unscaled = scaler(context, font, face, 0.0);
        let picture = emoji(&mut unscaled, glyph, size / f32::from(strike.ppem()));
        if picture.is_some() {
            return picture;
        }
    }
    letter(&mut scaler(context, font, face, size), face, key.step, glyph, size)
}

fn scaler<'a>(
    context: &'a mut ScaleContext,
    font: FontRef<'a>,
    face: &Face,
    size: f32,
) -> Scaler<'a> {
    let coords = face.coords.iter().copied();
    context.builder(font).size(size).hint(false).normalized_coords(coords).build()
}

/// A letter from its outline, in the layers' own colours where the font has them.
fn letter(
    scaler: &mut Scaler<'_>,
    face: &Face,
    step: u8,
    glyph: u16,
    size: f32,
) -> Option<Picture> {
    let mut render = Render::new(&[Source::ColorOutline(0), Source::Outline]);
    render.format(Format::Alpha).offset(Vector::new(f32::from(step) / STEPS, 0.0));
    if face.is_bold {
        render.embolden(size / 40.0);
    }
    if face.skew != 0.0 {
        let angle = Angle::from_degrees(face.skew);
        render.transform(Some(Transform::skew(angle, Angle::ZERO)));
    }
    let image = render.render(scaler, glyph)?;
    let size = [image.placement.width as usize, image.placement.height as usize];
    let is_colored = image.content == Content::Color;
    let pixels = if is_colored {
        ColorImage::from_rgba_unmultiplied(size, &image.data)
    } else {
        // Coverage becomes white with that much alpha, to be tinted with the text's colour.
        let white = |alpha: &u8| Color32::from_rgba_premultiplied(*alpha, *alpha, *alpha, *alpha);
        ColorImage::new(size, image.data.iter().map(white).collect())
    };
    let offset = Vec2::new(image.placement.left as f32, -image.placement.top as f32);
    Some(Picture { pixels, offset, is_colored })
}

/// An emoji from the largest picture that the font has, scaled with alpha taken into
/// account: the colour of what is transparent must not bleed into the edges.
fn emoji(scaler: &mut Scaler<'_>, glyph: u16, scale: f32) -> Option<Picture> {
    let image = scaler.scale_color_bitmap(glyph, StrikeWith::LargestSize)?;
    let placement = image.placement;
    let whole = [placement.width as usize, placement.height as usize];
    let pixels = ColorImage::from_rgba_unmultiplied(whole, &image.data);
    let bytes = pixels.pixels.iter().flat_map(|pixel| pixel.to_array()).collect();
    let full = RgbaImage::from_raw(placement.width, placement.height, bytes)?;
    let scaled = |length: f32| (length * scale).round();
    let width = scaled(placement.width as f32).max(1.0) as u32;
    let height = scaled(placement.height as f32).max(1.0) as u32;
    let small = resize(&full, width, height, FilterType::CatmullRom);
    let pixels = small.pixels().map(|pixel| {
        let [red, green, blue, alpha] = pixel.0;
        // The filter may overshoot: no colour is brighter than its alpha.
        let most = |channel: u8| channel.min(alpha);
        Color32::from_rgba_premultiplied(most(red), most(green), most(blue), alpha)
    });
    let pixels = ColorImage::new([width as usize, height as usize], pixels.collect());
    let offset = Vec2::new(scaled(placement.left as f32), -scaled(placement.top as f32));
    Some(Picture { pixels, offset, is_colored: true })
}

#[cfg(test)]
mod tests {
    use super::super::layout::{LayoutEngine, TextStyle};
    use super::*;

    fn layout(text: &str) -> TextLayout {
        let style = TextStyle {
            size: 18.0,
            line_height: 33.0,
            semibold: false,
            sans: false,
            direction: Default::default(),
            language: None,
        };
        LayoutEngine::new().layout(text, &style, 600.0)
    }

    fn key(glyph: u32, step: u8) -> GlyphKey {
        GlyphKey { face: 0, glyph, step }
    }

    /// Whether the machine's font for emoji holds pictures, as it does where there is one.
    fn has_pictures(face: &Face) -> bool {
        let font = FontRef::from_index(face.font.data.data(), face.font.index as usize).unwrap();
        font.color_strikes().next().is_some()
    }

    #[test]
    fn an_emoji_is_a_picture_in_colours_as_large_as_the_text() {
        let layout = layout("🙂");
        let (face, glyphs) = layout.glyph_runs().next().unwrap();
        if !has_pictures(face) {
            return;
        }
        for size in [18.0, 36.0, 150.0] {
            let drawn = draw(&mut ScaleContext::new(), face, key(glyphs[0].id, 0), size).unwrap();
            let [width, height] = drawn.pixels.size.map(|length| length as f32);
            assert!((0.9..1.5).contains(&(width / size)), "{width} at {size}");
            assert!((0.9..1.5).contains(&(height / size)), "{height} at {size}");
            assert!(drawn.is_colored && drawn.offset.y < -0.6 * size);
            let yellow = |pixel: &&Color32| pixel.r() > 180 && pixel.b() < 120 && pixel.a() == 255;
            let count = drawn.pixels.pixels.iter().filter(yellow).count() as f32;
            assert!(count > 0.3 * width * height, "a face is mostly yellow");
            let is_premultiplied =
                |pixel: &Color32| pixel.r().max(pixel.g()).max(pixel.b()) <= pixel.a();
            assert!(drawn.pixels.pixels.iter().all(is_premultiplied));
            assert_eq!(drawn.pixels.pixels[0].a(), 0, "a face is round");
        }
    }

    #[test]
    fn an_emoji_is_kept_once_and_a_letter_at_four_places_between_pixels() {
        let ctx = egui::Context::default();
        for (text, places) in [("🙂", 1), ("a", 4)] {
            let mut atlas = GlyphAtlas::new(&ctx);
            let layout = layout(text);
            let (face, glyphs) = layout.glyph_runs().next().unwrap();
            if text != "a" && !has_pictures(face) {
                continue;
            }
            let slots = (0..4).map(|step| atlas.slot(&ctx, face, key(glyphs[0].id, step), 18.0));
            let mut corners: Vec<_> = slots.map(|slot| slot.unwrap().uv.min).collect();
            corners.dedup();
            assert_eq!(corners.len(), places, "{text}");
        }
    }

    #[test]
    fn fonts_that_look_different_are_told_apart() {
        let mut atlas = GlyphAtlas::new(&egui::Context::default());
        let layout = layout("a");
        let plain = layout.glyph_runs().next().unwrap().0;
        let others = [
            plain.clone(),
            Face { skew: 14.0, ..plain.clone() },
            Face { skew: 14.5, ..plain.clone() },
            Face { is_bold: true, ..plain.clone() },
            Face { coords: [100].into(), ..plain.clone() },
            Face { coords: [100, 0].into(), ..plain.clone() },
        ];
        let known: Vec<u32> = others.iter().map(|face| atlas.face(face, 18.0)).collect();
        assert_eq!(known, [0, 1, 2, 3, 4, 5]);
        assert_eq!(atlas.face(plain, 18.0), 0);
        assert_eq!(atlas.face(plain, 36.0), 6);
    }

    #[test]
    fn a_full_texture_starts_anew_and_larger() {
        let ctx = egui::Context::default();
        let mut atlas = GlyphAtlas::new(&ctx);
        let most = ctx.input(|input| input.max_texture_side);
        let half = FIRST_SIZE / 2;
        let mut places = Vec::new();
        while atlas.generation() == 0 {
            places.push(atlas.place(&ctx, half - 1, half - 1).unwrap());
        }
        assert_eq!(places, [[0, 0], [half, 0], [0, half], [half, half], [0, 0]]);
        assert_eq!(atlas.side, (2 * FIRST_SIZE).min(most));
        assert_eq!(atlas.place(&ctx, LARGEST_SIZE, 1), None);
    }
}
