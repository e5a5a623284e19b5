//! What the benches share. There are no benches yet; README.md beside this crate's manifest lists them as they come.
