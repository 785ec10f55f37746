//! Writes a few pictures of each class of the set as PNG files into a folder, to look at. Measures nothing.

mod set;

use set::{Class, TUNING_SEED, picture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("name a folder")?;
    let count = std::env::args().nth(2).map_or(Ok(2), |count| count.parse::<usize>())?;
    for class in Class::ALL {
        for index in 0..count {
            let picture = picture(class, TUNING_SEED, index);
            let path = format!("{folder}/{class:?}-{index}.png");
            image::save_buffer(
                &path,
                &picture.grey,
                picture.width as u32,
                picture.height as u32,
                image::ColorType::L8,
            )?;
            println!("{path}: {:?}", picture.texts);
        }
    }
    Ok(())
}
