//! The asset card (资产卡片): what the ledger knows of a thing besides what every thing of the book has. One row a thing.
//!
//! - Forms: equipment, vehicle, building, structure, furniture, land; what a form asks for is in [`model`].
//! - 财政拨款 + 非财政拨款 = 价值, always: here and by a CHECK.
//! - What the book itself has (name, specification, class, value, day of acquisition …) is changed with the card in one
//!   transaction through [`crate::items::correcting`], so that its event and the reprint of its label are not forgotten.
//! - Value, life and depreciation are money: once they stand, only whoever may let a thing leave the book changes them
//!   (REPORT 26: 对报送资料认真复核). A change is an error put right, from the beginning; or it holds from a month on
//!   ([`entity::base`]), and what was depreciated before stays (准则第3号 第24条).
//!
//! [`kinds`] the words it chooses from · [`model`] what each form asks for, what must hold · [`fields`] its fields by name, as
//! texts · [`entity`] the tables · [`service`] reading and writing · [`intake`] cards of an import · [`sheet`] the workbook of
//! cards, in the order of the asset system's export

pub mod entity;
pub mod fields;
pub mod intake;
pub mod kinds;
pub mod model;
pub mod service;
pub mod sheet;
