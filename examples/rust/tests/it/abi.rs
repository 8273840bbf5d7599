//! abi.rs: src/ffi.rs against the headers of libdim, by the C compiler.
//! In: $CC, else cc; the headers from $DIM_INCLUDE_DIR, else from where pkg-config says.
//! Out: every struct has C's size, alignment and fields; every constant its value, and none is missing.

use std::env;
use std::fs;
use std::mem::{align_of, size_of, MaybeUninit};
use std::path::PathBuf;
use std::process::Command;
use std::ptr::addr_of;

use jessy::ffi;

use crate::Place;

fn size_behind<T>(_: *const T) -> usize {
    size_of::<T>()
}

/// The C program's line for each fact, and what Rust says it is.
struct Facts {
    c: String,
    rust: String,
}

impl Facts {
    fn add(&mut self, name: &str, c: &str, rust: usize) {
        self.c += &format!("\tprintf(\"{name} %zu\\n\", (size_t)({c}));\n");
        self.rust += &format!("{name} {rust}\n");
    }
}

/// Adds a struct. The pattern names every field that Rust has, or this does not compile.
macro_rules! add_struct {
    ($facts:ident, $name:ident { $($field:ident),* }) => {{
        let _ = |ffi::$name { $($field: _),* }| ();
        let name = stringify!($name);
        $facts.add(&format!("{name} size"), &format!("sizeof(struct {name})"), size_of::<ffi::$name>());
        $facts.add(&format!("{name} align"), &format!("_Alignof(struct {name})"), align_of::<ffi::$name>());
        let it = MaybeUninit::<ffi::$name>::uninit();
        $(
            let field = stringify!($field);
            // SAFETY: the pointer stays inside `it`, and nothing is read through it.
            let at = unsafe { addr_of!((*it.as_ptr()).$field) };
            let offset = at as usize - it.as_ptr() as usize;
            $facts.add(&format!("{name}.{field} at"), &format!("offsetof(struct {name}, {field})"), offset);
            $facts.add(&format!("{name}.{field} size"), &format!("sizeof(((struct {name} *)0)->{field})"), size_behind(at));
        )*
    }};
}

fn include_dir() -> PathBuf {
    if let Some(directory) = env::var_os("DIM_INCLUDE_DIR") {
        return directory.into();
    }
    let output = Command::new("pkg-config")
        .args(["--variable=includedir", "dim"])
        .output();
    let output = output.expect("pkg-config, or DIM_INCLUDE_DIR");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().into()
}

#[test]
fn structs_are_those_of_the_headers() {
    let mut facts = Facts {
        c: String::from("#include <dim.h>\n#include <stdio.h>\nint main(void)\n{\n"),
        rust: String::new(),
    };
    add_struct!(
        facts,
        dim_error {
            status,
            system_errno,
            dimension_id,
            layer_id,
            offset,
            size,
            limit,
            usage,
            message,
            path,
            reserved
        }
    );
    add_struct!(facts, dim_span { data, size });
    add_struct!(
        facts,
        dim_options {
            max_region_size,
            memory_budget,
            dimensions,
            dimension_count,
            flags,
            advice,
            trace,
            trace_context,
            prove,
            prove_context,
            reserved
        }
    );
    add_struct!(
        facts,
        dim_event {
            kind,
            dimension_id,
            serial,
            size,
            nanoseconds,
            path,
            error
        }
    );
    add_struct!(
        facts,
        dim_usage {
            budget,
            loaded_size,
            mapped_size,
            serial,
            dimension_count,
            loaded_count,
            snapshot_count,
            reserved
        }
    );
    add_struct!(facts, dim_cursor { pointers, numbers });
    facts.add(
        "enum size",
        "sizeof(enum dim_status)",
        size_of::<std::os::raw::c_uint>(),
    );
    facts.c += "\treturn 0;\n}\n";

    let place = Place::new("abi");
    place.source("layout.c", &facts.c);
    let source = place.0.join("src/layout.c");
    let program = place.0.join("layout");
    let compiler = env::var("CC").unwrap_or_else(|_| String::from("cc"));
    let mut words = compiler.split_whitespace();
    let compile = Command::new(words.next().unwrap())
        .args(words)
        .args(["-std=c11", "-Wall", "-Werror", "-I"])
        .arg(include_dir())
        .arg(source)
        .arg("-o")
        .arg(&program)
        .output()
        .expect("a C compiler");
    assert!(compile.status.success(), "{}", String::from_utf8_lossy(&compile.stderr));
    let c = Command::new(&program).output().unwrap();
    assert!(c.status.success());
    assert_eq!(facts.rust, String::from_utf8(c.stdout).unwrap());
}

/// Each `DIM_NAME = VALUE` of the headers is a constant here, and the other way round.
#[test]
fn constants_are_those_of_the_headers() {
    let mut theirs = Vec::new();
    for header in ["dim.h", "dim_region.h"] {
        let text = fs::read_to_string(include_dir().join(header)).unwrap();
        for line in text.lines().filter(|line| line.starts_with("\tDIM_")) {
            let (name, rest) = line.trim().split_once(" = ").expect("a value for each constant");
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            theirs.push((name.to_owned(), digits.parse().unwrap()));
        }
    }
    let lists = [ffi::STATUSES, ffi::ADVICES, ffi::FLAGS, ffi::EVENTS];
    let mut ours: Vec<(String, u32)> = lists
        .iter()
        .flat_map(|list| list.iter())
        .map(|(n, v)| (n.to_string(), *v))
        .collect();
    theirs.sort();
    ours.sort();
    assert_eq!(ours, theirs);
}
