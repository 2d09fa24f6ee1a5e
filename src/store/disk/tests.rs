//! Every way to change a file leaves it whole, and nothing outside is touched.

use super::*;

fn folder() -> (tempfile::TempDir, Disk) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::open(folder.path()).unwrap();
    (folder, disk)
}

#[test]
fn a_fault_at_any_operation_leaves_what_was_there() {
    let (_folder, disk) = folder();
    let file = Path::new("a/b.ron");
    disk.append(file, b"before\n").unwrap();
    for operations in 0.. {
        fault::after(operations);
        let replaced = disk.replace(file, b"after, and longer");
        if !fault::heal() {
            replaced.unwrap();
            break;
        }
        // Only the very last operation, the sync of the folder, fails behind the rename.
        let held = disk.read(file).unwrap().unwrap();
        if replaced.is_err() && held != b"before\n" {
            assert_eq!(held, b"after, and longer");
            disk.replace(file, b"before\n").unwrap();
        }
        assert_eq!(disk.list(Path::new("a")).unwrap().len(), 1, "no temporary file stays");
    }
    for operations in 0.. {
        fault::after(operations);
        let appended = disk.append(file, b"line\n");
        if !fault::heal() {
            appended.unwrap();
            break;
        }
        assert_eq!(disk.read(file).unwrap().unwrap(), b"after, and longer");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_really_full_disk_is_named() {
    let full = OpenOptions::new().append(true).open("/dev/full").unwrap();
    let (_folder, disk) = folder();
    use std::io::Write;
    let error = (&full).write_all(b"x").unwrap_err();
    let error = disk.io(Path::new("history/a/b.ron"), error);
    assert!(error.to_string().contains("the disk is full"), "{error}");
}

#[test]
#[cfg(unix)]
fn links_that_lead_out_are_refused_and_nothing_is_written_outside() {
    let (folder, disk) = folder();
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "secret").unwrap();
    let link = |to: PathBuf, name: &str| {
        std::os::unix::fs::symlink(to, folder.path().join(name)).unwrap();
    };
    link(outside.path().join("secret"), "a.ron");
    link(outside.path().join("not-there-yet"), "b.ron");
    link(outside.path().to_owned(), "annotations");
    let refused = |result: Result<_, StoreError>| matches!(result.map(|_: u64| ()), Err(error) if !matches!(error.cause, Cause::Exists));
    assert!(matches!(
        disk.read(Path::new("a.ron")),
        Err(StoreError { cause: Cause::OutsideLink, .. })
    ));
    assert!(refused(disk.append(Path::new("a.ron"), b"x")));
    assert!(refused(disk.append(Path::new("b.ron"), b"x")));
    assert!(refused(disk.append(Path::new("annotations/c.ron"), b"x")));
    assert!(disk.replace(Path::new("annotations/x/c.ron"), b"x").is_err());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 1);
    assert_eq!(fs::read(outside.path().join("secret")).unwrap(), b"secret");
}

#[test]
fn a_folder_in_the_place_of_a_file_is_refused() {
    let (folder, disk) = folder();
    fs::create_dir(folder.path().join("a.ron")).unwrap();
    let read = disk.read(Path::new("a.ron"));
    assert!(matches!(read, Err(StoreError { cause: Cause::NotAFile, .. })));
}

#[test]
fn a_vanished_project_is_not_made_anew() {
    let (folder, disk) = folder();
    folder.close().unwrap();
    let gone = disk.replace(Path::new("a/b.ron"), b"x");
    assert!(matches!(gone, Err(StoreError { cause: Cause::Vanished, .. })));
    assert!(!disk.root().exists());
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let (folder, disk) = folder();
    File::create(folder.path().join("a.ron")).unwrap().set_len(LARGEST + 1).unwrap();
    let read = disk.read(Path::new("a.ron"));
    assert!(matches!(read, Err(StoreError { cause: Cause::TooLarge { .. }, .. })));
}
