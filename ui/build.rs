//! Compiles the screens. Debug information stays in every profile: the browser view's accessible
//! layer and the tests find elements by it.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = slint_build::CompilerConfiguration::new().with_debug_info(true);
    slint_build::compile_with_config("app.slint", config)?;
    Ok(())
}
