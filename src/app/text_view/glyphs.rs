//! Drawn letters, kept in a texture of our own.
//!
//! egui's atlas is egui's; letters that parley has shaped are drawn here by swash, once
//! for each font, size and quarter of a pixel, and used as textured rectangles. When
//! the texture is full it starts anew, larger if it may, and its generation counts up,
//! so that whoever kept a mesh knows to build it again.

use egui::{Color32, ColorImage, Mesh, Pos2, Rect, TextureHandle, TextureOptions};
use parley::layout::Run;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use swash::scale::image::{Content, Image};
use swash::scale::{Render, ScaleContext, Source, StrikeWith};
use swash::zeno::{Angle, Format, Transform, Vector};

use super::layout::TextLayout;

const FIRST_SIZE: usize = 1024;
const LARGEST_SIZE: usize = 4096;
/// Letters are drawn at this many places between two pixels.
const STEPS: f32 = 4.0;

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct GlyphKey {
    font: u64,
    index: u32,
    glyph: u32,
    size: u32,
    step: u8,
    bold: bool,
    skew: i8,
    variation: u64,
}

/// A drawn glyph: where it is in the texture, and its offset from the pen in pixels.
#[derive(Clone, Copy)]
struct Slot {
    uv: Rect,
    offset: egui::Vec2,
    size: egui::Vec2,
    is_colored: bool,
}

/// The texture with everything drawn so far.
pub(super) struct GlyphAtlas {
    texture: TextureHandle,
    side: usize,
    slots: HashMap<GlyphKey, Option<Slot>>,
    shelf: Shelf,
    generation: u64,
    scaler: ScaleContext,
}

/// Where the next glyph goes: rows of glyphs, each as high as its highest.
#[derive(Default)]
struct Shelf {
    x: usize,
    y: usize,
    height: usize,
}

impl GlyphAtlas {
    pub(super) fn new(ctx: &egui::Context) -> Self {
        Self {
            texture: blank(ctx, FIRST_SIZE),
            side: FIRST_SIZE,
            slots: HashMap::new(),
            shelf: Shelf::default(),
            generation: 0,
            scaler: ScaleContext::new(),
        }
    }

    /// Counts up when meshes built before can no longer be drawn.
    pub(super) fn generation(&self) -> u64 {
        self.generation
    }

    /// The letters of a paragraph as one mesh relative to its top left corner, for a
    /// screen with `scale` pixels a point. The corner must be put on a whole pixel.
    pub(super) fn mesh(
        &mut self,
        ctx: &egui::Context,
        layout: &TextLayout,
        color: Color32,
        scale: f32,
    ) -> Mesh {
        let mesh = self.build(ctx, layout, color, scale);
        // When the texture was renewed half-way, the first letters are gone from it. A
        // paragraph that does not fit even a whole texture is drawn as far as it fits.
        if mesh.1 == self.generation { mesh.0 } else { self.build(ctx, layout, color, scale).0 }
    }

    /// One attempt at a mesh, with the generation that it began in.
    fn build(
        &mut self,
        ctx: &egui::Context,
        layout: &TextLayout,
        color: Color32,
        scale: f32,
    ) -> (Mesh, u64) {
        let generation = self.generation;
        let mut mesh = Mesh::with_texture(self.texture.id());
        layout.for_each_glyph(|run, glyph, x, y| {
            self.add(ctx, &mut mesh, run, glyph, Pos2::new(x, y), color, scale);
        });
        (mesh, generation)
    }

    #[expect(clippy::too_many_arguments, reason = "one call site; a struct would say no more")]
    fn add(
        &mut self,
        ctx: &egui::Context,
        mesh: &mut Mesh,
        run: &Run<'_, ()>,
        glyph: u32,
        pen: Pos2,
        color: Color32,
        scale: f32,
    ) {
        let pen = pen.to_vec2() * scale;
        let stepped = (pen.x * STEPS).round() / STEPS;
        let step = (stepped.rem_euclid(1.0) * STEPS) as u8;
        let Some(slot) = self.slot(ctx, run, glyph, run.font_size() * scale, step) else { return };
        let corner = egui::vec2(stepped.floor(), pen.y.round()) + slot.offset;
        let rect = Rect::from_min_size((corner / scale).to_pos2(), slot.size / scale);
        let tint = if slot.is_colored { Color32::WHITE } else { color };
        mesh.add_rect_with_uv(rect, slot.uv, tint);
    }

    fn slot(
        &mut self,
        ctx: &egui::Context,
        run: &Run<'_, ()>,
        glyph: u32,
        size: f32,
        step: u8,
    ) -> Option<Slot> {
        let font = run.font();
        let synthesis = run.synthesis();
        let key = GlyphKey {
            font: font.data.id(),
            index: font.index,
            glyph,
            size: size.to_bits(),
            step,
            bold: synthesis.embolden(),
            skew: synthesis.skew().unwrap_or(0.0) as i8,
            variation: hash(&run.normalized_coords()),
        };
        if let Entry::Occupied(known) = self.slots.entry(key) {
            return *known.get();
        }
        let image = draw(&mut self.scaler, run, &key, size);
        let slot = image.and_then(|image| self.keep(ctx, &image));
        self.slots.insert(key, slot);
        slot
    }

    /// Copies an image into the texture; `None` for one without pixels.
    fn keep(&mut self, ctx: &egui::Context, image: &Image) -> Option<Slot> {
        let [width, height] = [image.placement.width as usize, image.placement.height as usize];
        if width == 0 || height == 0 || width >= LARGEST_SIZE || height >= LARGEST_SIZE {
            return None;
        }
        let [x, y] = self.place(ctx, width, height);
        let pixels = pixels(image, width, height);
        self.texture.set_partial([x, y], pixels, TextureOptions::NEAREST);
        let side = self.side as f32;
        let corner = Pos2::new(x as f32, y as f32);
        let size = egui::vec2(width as f32, height as f32);
        let uv = Rect::from_min_max(
            Pos2::new(corner.x / side, corner.y / side),
            Pos2::new((corner.x + size.x) / side, (corner.y + size.y) / side),
        );
        let offset = egui::vec2(image.placement.left as f32, -image.placement.top as f32);
        Some(Slot { uv, offset, size, is_colored: image.content == Content::Color })
    }

    fn place(&mut self, ctx: &egui::Context, width: usize, height: usize) -> [usize; 2] {
        if self.shelf.x + width >= self.side {
            self.shelf = Shelf { x: 0, y: self.shelf.y + self.shelf.height + 1, height: 0 };
        }
        if self.shelf.y + height >= self.side || self.shelf.x + width >= self.side {
            self.renew(ctx, width.max(height));
        }
        let place = [self.shelf.x, self.shelf.y];
        self.shelf.x += width + 1;
        self.shelf.height = self.shelf.height.max(height);
        place
    }

    fn renew(&mut self, ctx: &egui::Context, at_least: usize) {
        let doubled = (self.side * 2).max(at_least.next_power_of_two() * 2);
        self.side = doubled.min(LARGEST_SIZE).min(ctx.input(|input| input.max_texture_side));
        self.texture = blank(ctx, self.side);
        self.slots.clear();
        self.shelf = Shelf::default();
        self.generation += 1;
    }
}

fn blank(ctx: &egui::Context, side: usize) -> TextureHandle {
    let image = ColorImage::filled([side, side], Color32::TRANSPARENT);
    ctx.load_texture("text view letters", image, TextureOptions::NEAREST)
}

fn draw(scaler: &mut ScaleContext, run: &Run<'_, ()>, key: &GlyphKey, size: f32) -> Option<Image> {
    let font = run.font();
    let font = swash::FontRef::from_index(font.data.data(), font.index as usize)?;
    let mut scaler = scaler
        .builder(font)
        .size(size)
        .hint(false)
        .normalized_coords(run.normalized_coords().iter().map(|coord| coord.to_bits()))
        .build();
    let sources =
        [Source::ColorOutline(0), Source::ColorBitmap(StrikeWith::BestFit), Source::Outline];
    let mut render = Render::new(&sources);
    render.format(Format::Alpha).offset(Vector::new(f32::from(key.step) / STEPS, 0.0));
    if key.bold {
        render.embolden(size / 40.0);
    }
    if key.skew != 0 {
        let angle = Angle::from_degrees(f32::from(key.skew));
        render.transform(Some(Transform::skew(angle, Angle::ZERO)));
    }
    render.render(&mut scaler, u16::try_from(key.glyph).ok()?)
}

/// Coverage becomes white with that much alpha, to be tinted with the text's colour;
/// emoji keep their own colours.
fn pixels(image: &Image, width: usize, height: usize) -> ColorImage {
    match image.content {
        Content::Color => ColorImage::from_rgba_unmultiplied([width, height], &image.data),
        Content::Mask | Content::SubpixelMask => {
            let pixels = image
                .data
                .iter()
                .map(|alpha| Color32::from_rgba_premultiplied(*alpha, *alpha, *alpha, *alpha));
            ColorImage::new([width, height], pixels.collect())
        }
    }
}

fn hash(coords: &impl std::hash::Hash) -> u64 {
    use std::hash::{DefaultHasher, Hasher};
    let mut hasher = DefaultHasher::new();
    coords.hash(&mut hasher);
    hasher.finish()
}
