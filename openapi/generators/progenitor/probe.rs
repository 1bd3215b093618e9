progenitor::generate_api!(spec = "spec.yaml");

fn main() {}
