//! build.rs: tells rustc where libdim is.
//! In: DIM_LIB_DIR, the directory of libdim.so; else what pkg-config says of `dim`.
//! Out: lines for Cargo; or why libdim is not to be found.

use std::env;
use std::process::{exit, Command};

fn main() {
    for name in ["DIM_LIB_DIR", "PKG_CONFIG"] {
        println!("cargo:rerun-if-env-changed={name}");
    }
    // All that pkg-config itself looks at.
    for name in ["PATH", "LIBDIR", "SYSROOT_DIR"] {
        println!("cargo:rerun-if-env-changed=PKG_CONFIG_{name}");
    }
    match env::var("DIM_LIB_DIR") {
        Ok(directory) => {
            println!("cargo:rustc-link-search=native={directory}");
            println!("cargo:rustc-link-lib=dylib=dim");
        }
        Err(_) => match flags() {
            Ok(flags) => link(&flags),
            Err(why) => {
                eprintln!("libdim: {why}; set DIM_LIB_DIR, or PKG_CONFIG_PATH to where dim.pc is");
                exit(1);
            }
        },
    }
}

fn flags() -> Result<String, String> {
    let program = env::var("PKG_CONFIG").unwrap_or_else(|_| String::from("pkg-config"));
    let output = Command::new(&program)
        .args(["--libs", "dim"])
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| format!("{program}: {error}"))
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

fn link(flags: &str) {
    for flag in flags.split_whitespace() {
        if let Some(directory) = flag.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={directory}");
        } else if let Some(name) = flag.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={name}");
        }
    }
    // Where it is in the linker's own path, pkg-config gives no -L.
}
