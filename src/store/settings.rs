//! What belongs to the person and not to a project: theme, sizes, recent projects.
//!
//! Settings are a convenience. A file that cannot be read gives the defaults and a
//! [`Problem`], never an error; fields of other versions are passed over; and numbers
//! that would make the window unusable are brought back into bounds. A broken file is
//! kept beside the new one when settings are next written.

use super::error::{Cause, Problem, StoreError};
use super::wire;
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names another folder for `settings.ron`.
pub const CONFIG_DIR: &str = "COPYDESK_CONFIG_DIR";

/// The longest file of settings that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;

/// How many recent projects are remembered.
const RECENT: usize = 12;

/// Which colours the window has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Ink on paper.
    Light,
    /// Light on dark.
    Dark,
}

/// A person's settings. Lengths are in logical pixels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Which colours the window has.
    pub theme: Theme,
    /// How large everything is; 1 is normal.
    pub zoom: f32,
    /// The size of the article's letters.
    pub reading_size: f32,
    /// The width of the article's column.
    pub line_width: f32,
    /// A line's height as a multiple of the letters' size.
    pub leading: f32,
    /// Whether to read in the sans instead of the serif.
    pub sans: bool,
    /// The width of the list of articles.
    pub articles_width: f32,
    /// The width of the labels and the inspector.
    pub inspector_width: f32,
    /// Width and height of the window.
    pub window_size: (f32, f32),
    /// Who annotates; empty until somebody said so.
    pub annotator: String,
    /// Projects opened before, the latest first.
    pub recent_projects: Vec<PathBuf>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            zoom: 1.0,
            reading_size: 18.0,
            line_width: 610.0,
            leading: 33.0 / 18.0,
            sans: false,
            articles_width: 268.0,
            inspector_width: 296.0,
            window_size: (1440.0, 900.0),
            annotator: String::new(),
            recent_projects: Vec::new(),
        }
    }
}

impl Settings {
    /// Where settings are: the folder named by [`CONFIG_DIR`], else the platform's.
    /// `None` where the system names no such folder.
    pub fn path() -> Option<PathBuf> {
        let named = std::env::var_os(CONFIG_DIR).filter(|folder| !folder.is_empty());
        let folder = named.map(PathBuf::from).or_else(|| {
            let folders = directories::ProjectDirs::from("", "", "copydesk")?;
            Some(folders.config_dir().to_owned())
        })?;
        Some(folder.join("settings.ron"))
    }

    /// Reads settings. Defaults where there is no file; defaults and a problem where it
    /// cannot be read.
    pub fn read(path: &Path) -> (Self, Option<Problem>) {
        match read(path) {
            Ok(settings) => (settings.within_bounds(), None),
            Err(what) => {
                let remedy = "set them again; the file is kept with the ending .broken";
                let problem = Problem::note(path, None, what, remedy);
                (Self::default(), Some(problem))
            }
        }
    }

    /// Writes settings, whole or not at all. A file there that cannot be read is kept
    /// beside it with the ending `.broken`.
    ///
    /// # Errors
    /// When the folder or file cannot be written.
    pub fn write(&self, path: &Path) -> Result<(), StoreError> {
        self.write_inner(path).map_err(|error| StoreError::new(path, Cause::Io(error)))
    }

    fn write_inner(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        if read(path).is_err() && path.exists() {
            fs::rename(path, path.with_extension("ron.broken"))?;
        }
        let mut settings = self.clone();
        // RON holds Unicode only; such a project is opened by its path again.
        settings.recent_projects.retain(|project| project.to_str().is_some());
        let pretty = ron::ser::PrettyConfig::new().depth_limit(2);
        let text = ron::Options::default()
            .to_string_pretty(&settings, pretty)
            .map_err(io::Error::other)?;
        let mut temporary = tempfile::NamedTempFile::new_in(folder)?;
        io::Write::write_all(&mut temporary, text.as_bytes())?;
        temporary.as_file().sync_all()?;
        temporary.persist(path).map_err(|error| error.error)?;
        Ok(())
    }

    /// Puts a project in front of the recent ones.
    pub fn remember_project(&mut self, root: &Path) {
        self.recent_projects.retain(|known| known != root);
        self.recent_projects.insert(0, root.to_owned());
        self.recent_projects.truncate(RECENT);
    }

    fn within_bounds(mut self) -> Self {
        let defaults = Self::default();
        let bound = |value: &mut f32, default: f32, least: f32, most: f32| {
            *value = if value.is_finite() { value.clamp(least, most) } else { default };
        };
        bound(&mut self.zoom, defaults.zoom, 0.5, 4.0);
        bound(&mut self.reading_size, defaults.reading_size, 8.0, 72.0);
        bound(&mut self.leading, defaults.leading, 1.5, 3.0);
        bound(&mut self.line_width, defaults.line_width, 240.0, 2400.0);
        bound(&mut self.articles_width, defaults.articles_width, 120.0, 1200.0);
        bound(&mut self.inspector_width, defaults.inspector_width, 120.0, 1200.0);
        bound(&mut self.window_size.0, defaults.window_size.0, 320.0, 16_384.0);
        bound(&mut self.window_size.1, defaults.window_size.1, 240.0, 16_384.0);
        self.recent_projects.truncate(RECENT);
        self
    }
}

/// The settings in a file, or what is wrong with it.
fn read(path: &Path) -> Result<Settings, String> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Settings::default()),
        metadata => metadata.map_err(|error| format!("the settings cannot be read: {error}"))?,
    };
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err("the settings cannot be read: this is no file of settings".to_owned());
    }
    let text = fs::read_to_string(path)
        .map_err(|error| format!("the settings cannot be read: {error}"))?;
    ron::from_str(&text).map_err(|error| match wire::conflict_line(&text) {
        Some(line) => format!("the settings cannot be read: git left a conflict in line {line}"),
        None => format!("the settings cannot be read: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_as_they_were_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.ron");
        assert_eq!(Settings::read(&path), (Settings::default(), None));
        let mut settings = Settings { theme: Theme::Dark, zoom: 1.5, ..Settings::default() };
        settings.remember_project(Path::new("/projects/\"quoted\" کراچی"));
        settings.write(&path).unwrap();
        assert_eq!(Settings::read(&path), (settings, None));
    }

    #[test]
    fn a_broken_file_gives_defaults_and_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.ron");
        fs::write(&path, "(zoom: ").unwrap();
        let (settings, problem) = Settings::read(&path);
        assert_eq!(settings, Settings::default());
        assert!(problem.is_some());
        settings.write(&path).unwrap();
        assert!(Settings::read(&path).1.is_none());
        let kept = fs::read_to_string(folder.path().join("settings.ron.broken")).unwrap();
        assert_eq!(kept, "(zoom: ");
    }

    #[test]
    fn a_conflict_that_git_left_is_told_by_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.ron");
        let sides = "<<<<<<< HEAD\n    zoom: 1.0,\n=======\n    zoom: 2.0,\n>>>>>>> other\n";
        fs::write(&path, format!("(\n    theme: dark,\n{sides})\n")).unwrap();
        let (settings, problem) = Settings::read(&path);
        assert_eq!(settings, Settings::default());
        let told = problem.unwrap().to_string();
        assert!(told.contains("git left a conflict in line 3"), "{told}");
    }

    #[test]
    fn unknown_fields_and_impossible_sizes_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.ron");
        fs::write(&path, "(zoom: NaN, reading_size: 1e9, hologram: (on: true))").unwrap();
        let (settings, problem) = Settings::read(&path);
        assert!(problem.is_none(), "{problem:?}");
        assert_eq!((settings.zoom, settings.reading_size), (1.0, 72.0));
    }
}
