//! Generates the client from the description. All the work is done by `konaplate-codegen`.

fn main() {
    konaplate_codegen::generate::build("openapi/konaplate.yaml".as_ref());
}
