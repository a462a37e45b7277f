//! Which Dockerfile of the tree makes the image of a name, and which program is called like it?

use super::{Finder, Line};
use crate::model::deploy::commands::base;
use crate::model::deploy::images::{Image, Made};
use crate::model::deploy::whose::{Standing, default, last_part, plain};

/// An image of the tree, and the program that it runs.
pub(super) type Known = (Image, Option<usize>);

impl Finder<'_, '_, '_> {
    fn known(&self) -> &[Known] {
        self.known.get_or_init(|| {
            let ours =
                self.files.paths().filter(|path| !self.parts.apps.is_made_of_others(path, ""));
            let images = ours.filter_map(|path| self.files.image(&Made::by(path)));
            let known = images.filter_map(|image| {
                let (entry, command) = (image.entry.clone(), image.command.clone());
                let program = self.programs(&Line { entry, command }, Some(&image)).pop();
                let program = program.map(|found| found.program);
                (program.is_some() || !image.builds.is_empty()).then_some((image, program))
            });
            known.collect()
        })
    }

    /// The image of that name, where one Dockerfile of the tree is known to make it.
    pub(super) fn named(&self, image: &str) -> Option<Image> {
        let name = plain(last_part(default(image)));
        if let Some((_, made)) = self.built.iter().find(|(known, _)| *known == name) {
            return self.files.image(made);
        }
        let known = self.known();
        let labelled = |image: &Image| {
            let file = base(&image.path).to_ascii_lowercase();
            let label = file.replace("dockerfile", "").replace("containerfile", "");
            let label = plain(&label);
            let label = if label.is_empty() { plain(base(image.folder())) } else { label };
            !label.is_empty() && (label == name || name.ends_with(&label))
        };
        let called = |program: &Option<usize>| {
            program.is_some_and(|number| {
                let program = &self.parts.programs[number];
                plain(&program.bin) == name || plain(&program.of) == name
            })
        };
        let app = self.parts.apps.standing(image) == Standing::App;
        // Several that run one program in the same way are variants: what they share is known.
        let only = |fits: &dyn Fn(&Known) -> bool| {
            let found: Vec<&Known> = known.iter().filter(|one| fits(one)).collect();
            let ((image, program), rest) = found.split_first()?;
            let same =
                |(other, its): &&Known| program.is_some() && its == program && other.runs_as(image);
            rest.iter().all(same).then(|| (*image).shared_with(rest.iter().map(|(one, _)| one)))
        };
        only(&|(_, program)| called(program))
            .or_else(|| only(&|(image, _)| app && labelled(image)))
            .or_else(|| only(&|_| app))
    }

    /// The program that an image is called after, where no Dockerfile is there to ask.
    pub(super) fn called(&self, image: &str) -> Option<usize> {
        let name = plain(last_part(default(image)));
        let mut found = self.parts.programs.iter().enumerate();
        let mut found = found.by_ref().filter(|(_, program)| plain(&program.bin) == name);
        let (number, _) = found.next()?;
        (found.next().is_none() && self.files.paths().next().is_none()).then_some(number)
    }
}
