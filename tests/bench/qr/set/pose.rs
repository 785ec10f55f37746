//! Where a sheet lies before the camera: a pinhole camera, a sheet turned about three axes and bent around a
//! cylinder. Gives the point of the sheet that a pixel sees, by intersecting its ray.

use super::random::Random;

/// A sheet before the camera. Lengths on the sheet are modules of its code, measured from the code's centre.
pub struct Pose {
    /// Where the centre of the code is seen, in pixels.
    pub centre: (f32, f32),
    /// Pixels a module at the centre.
    pub scale: f32,
    /// Rows of the rotation from the sheet to the camera.
    turn: [[f32; 3]; 3],
    /// Distance of the camera, in modules.
    distance: f32,
    /// Radius of the bend in modules and its direction on the sheet; flat without.
    bend: Option<(f32, f32, f32)>,
    mirrored: bool,
}

/// How a pose is drawn.
pub struct Posture {
    pub tilt_degrees: f32,
    pub roll_degrees: f32,
    /// The share of the side by which the middle of a bent sheet stands out; 0 is flat.
    pub bend: f32,
    pub mirrored: bool,
    pub scale: f32,
    pub centre: (f32, f32),
    /// Modules across the code with its quiet zone.
    pub side: f32,
}

impl Pose {
    pub fn new(random: &mut Random, posture: &Posture) -> Self {
        let direction = random.between((0.0, std::f32::consts::TAU));
        let (sine, cosine) = posture.tilt_degrees.to_radians().sin_cos();
        let (axis_x, axis_y) = (direction.cos(), direction.sin());
        let (roll_sine, roll_cosine) = posture.roll_degrees.to_radians().sin_cos();
        // The tilt about an axis in the picture's plane (Rodrigues), after the roll about the line of sight.
        let tilt = [
            [cosine + axis_x * axis_x * (1.0 - cosine), axis_x * axis_y * (1.0 - cosine), axis_y * sine],
            [axis_x * axis_y * (1.0 - cosine), cosine + axis_y * axis_y * (1.0 - cosine), -axis_x * sine],
            [-axis_y * sine, axis_x * sine, cosine],
        ];
        let roll = [[roll_cosine, -roll_sine, 0.0], [roll_sine, roll_cosine, 0.0], [0.0, 0.0, 1.0]];
        let mut turn = [[0.0; 3]; 3];
        for (row, line) in turn.iter_mut().enumerate() {
            for (column, cell) in line.iter_mut().enumerate() {
                *cell = (0..3).map(|k| tilt[row][k] * roll[k][column]).sum();
            }
        }
        let bend = (posture.bend > 0.0).then(|| {
            // Sagitta of an arc over the side: s = side² / 8R.
            let radius = posture.side / (8.0 * posture.bend);
            let along = if random.chance(0.5) {
                random.whole((0, 1)) as f32 * std::f32::consts::FRAC_PI_2
            } else {
                random.between((0.0, std::f32::consts::PI))
            };
            (radius, along.cos(), along.sin())
        });
        let distance = posture.side * random.between((2.0, 4.0));
        Self { centre: posture.centre, scale: posture.scale, turn, distance, bend, mirrored: posture.mirrored }
    }

    /// The point of the sheet that the pixel sees, in modules from the code's centre.
    pub fn seen(&self, x: f32, y: f32) -> Option<(f32, f32)> {
        // The ray, in modules: from the eye at (0, 0, -distance) through the picture plane at the sheet's centre.
        let ray = [(x - self.centre.0) / self.scale, (y - self.centre.1) / self.scale, self.distance];
        let eye = [0.0, 0.0, -self.distance];
        let into = |v: [f32; 3]| {
            let mut local = [0.0; 3];
            for (column, cell) in local.iter_mut().enumerate() {
                *cell = (0..3).map(|row| self.turn[row][column] * v[row]).sum();
            }
            local
        };
        let (eye, ray) = (into(eye), into(ray));
        let (u, v) = match self.bend {
            None => {
                let t = -eye[2] / ray[2];
                (eye[0] + t * ray[0], eye[1] + t * ray[1])
            }
            Some(bend) => on_cylinder(eye, ray, bend)?,
        };
        Some((if self.mirrored { -u } else { u }, v))
    }
}

/// A cylinder of radius R that touches z = 0 at the middle and bends away from the eye.
fn on_cylinder(eye: [f32; 3], ray: [f32; 3], (radius, cosine, sine): (f32, f32, f32)) -> Option<(f32, f32)> {
    let across = |v: [f32; 3]| v[0] * cosine + v[1] * sine;
    let along = |v: [f32; 3]| v[1] * cosine - v[0] * sine;
    let (ea, ez, da, dz) = (across(eye), eye[2] - radius, across(ray), ray[2]);
    let (a, b, c) = (da * da + dz * dz, ea * da + ez * dz, ea * ea + ez * ez - radius * radius);
    let root = (b * b - a * c).max(-1.0);
    if root < 0.0 {
        return None;
    }
    let t = (-b - root.sqrt()) / a;
    let (s, z) = (ea + t * da, ez + t * dz);
    let arc = radius * s.atan2(-z);
    let length = along(eye) + t * along(ray);
    Some((arc * cosine - length * sine, arc * sine + length * cosine))
}
