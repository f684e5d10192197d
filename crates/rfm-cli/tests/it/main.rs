//! Tests of the command `rfm`, in one binary.

mod bad_data;
mod bad_downloads;
mod bad_files;
mod bad_models;
mod bad_parquet;
mod bad_settings;
mod compare;
mod docs;
mod download;
mod evaluate;
mod figures;
mod inspect;
mod models;
mod pages;
mod pipeline;
mod presets;
mod project;
mod report;
mod serve;
mod service;
