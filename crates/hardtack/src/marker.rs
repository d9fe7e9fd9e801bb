/// The marker of an application's only session, or of the main one if there are several.
#[derive(Debug, Clone, Copy)]
pub struct Main;
