//! Everything that differs from one operating system to the next.

#[cfg(not(unix))]
pub(crate) use other::{
    create_private_folder, harden, is_network, is_same_file, means_not_regular, modified,
    privately_readable, publicly_readable, sync_folder,
};
#[cfg(unix)]
pub(crate) use unix::{
    create_private_folder, harden, is_network, is_same_file, means_not_regular, modified,
    privately_readable, publicly_readable, sync_folder,
};

#[cfg(unix)]
mod unix {
    use std::fs::{File, Metadata, OpenOptions};
    use std::io;
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;

    use rustix::fs::OFlags;
    use rustix::io::Errno;

    /// Makes an open follow no link, wait for no pipe, and stay out of children.
    pub(crate) fn harden(options: &mut OpenOptions) -> &mut OpenOptions {
        let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        // The bits of these three fit; only flags that are never passed here would not.
        options.custom_flags(flags.bits() as i32)
    }

    /// Sets the permissions of a file to be created: all read, the owner writes.
    pub(crate) fn publicly_readable(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o644)
    }

    /// Sets the permissions of a file to be created: nobody but the owner reads and writes.
    pub(crate) fn privately_readable(options: &mut OpenOptions) -> &mut OpenOptions {
        options.mode(0o600)
    }

    /// Creates a folder that nobody but its owner enters.
    pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
        std::fs::DirBuilder::new().mode(0o700).create(path)
    }

    /// Tells whether an open failed because a link, a pipe without reader or a socket is there.
    pub(crate) fn means_not_regular(error: &io::Error) -> bool {
        matches!(Errno::from_io_error(error), Some(Errno::LOOP | Errno::NXIO))
    }

    /// Returns the time of the last change: seconds since 1970 and nanoseconds.
    pub(crate) fn modified(metadata: &Metadata) -> (i64, u32) {
        (metadata.mtime(), u32::try_from(metadata.mtime_nsec()).unwrap_or(0))
    }

    /// Tells whether both describe the same file, not just the same name.
    pub(crate) fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
        one.dev() == other.dev() && one.ino() == other.ino()
    }

    /// Makes the names in a folder durable.
    pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    /// Tells whether other machines may see the same files.
    ///
    /// File systems that may or may not be remote (9p, FUSE) count as local: they carry home
    /// folders of virtual machines and containers, which one kernel uses.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(crate) fn is_network(path: &Path) -> io::Result<bool> {
        const NETWORK: [u64; 8] = [
            0x6969,      // NFS
            0x517B,      // SMB
            0xFF53_4D42, // CIFS
            0xFE53_4D42, // SMB2
            0x5346_414F, // AFS, OpenAFS
            0x6B41_4653, // AFS, the kernel's own
            0x7375_7245, // Coda
            0x564C,      // NCP
        ];
        // The field is a signed word; its upper half repeats the sign for CIFS and SMB2.
        let magic = rustix::fs::statfs(path)?.f_type as u64 & 0xFFFF_FFFF;
        Ok(NETWORK.contains(&magic))
    }

    /// Tells whether other machines may see the same files.
    #[cfg(any(target_os = "macos", target_os = "ios"))]
    pub(crate) fn is_network(path: &Path) -> io::Result<bool> {
        const NETWORK: [&[u8]; 5] = [b"nfs", b"smbfs", b"afpfs", b"webdav", b"ftp"];
        let name = rustix::fs::statfs(path)?.f_fstypename;
        let name: Vec<u8> = name.iter().map(|byte| *byte as u8).take_while(|b| *b != 0).collect();
        Ok(NETWORK.contains(&name.as_slice()))
    }

    /// Tells whether other machines may see the same files; nobody knows here.
    #[cfg(not(any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios"
    )))]
    pub(crate) fn is_network(path: &Path) -> io::Result<bool> {
        path.symlink_metadata().map(|_| false)
    }
}

#[cfg(not(unix))]
mod other {
    use std::fs::{Metadata, OpenOptions};
    use std::io;
    use std::path::Path;
    use std::time::UNIX_EPOCH;

    pub(crate) fn harden(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(crate) fn publicly_readable(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(crate) fn privately_readable(options: &mut OpenOptions) -> &mut OpenOptions {
        options
    }

    pub(crate) fn create_private_folder(path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
    }

    pub(crate) fn means_not_regular(_error: &io::Error) -> bool {
        false
    }

    pub(crate) fn modified(metadata: &Metadata) -> (i64, u32) {
        let since = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        since.map_or((0, 0), |since| {
            (i64::try_from(since.as_secs()).unwrap_or(i64::MAX), since.subsec_nanos())
        })
    }

    pub(crate) fn is_same_file(_one: &Metadata, _other: &Metadata) -> bool {
        true
    }

    /// Does nothing: a folder cannot be synced here, renames are written through.
    pub(crate) fn sync_folder(_path: &Path) -> io::Result<()> {
        Ok(())
    }

    pub(crate) fn is_network(path: &Path) -> io::Result<bool> {
        path.symlink_metadata().map(|_| false)
    }
}
